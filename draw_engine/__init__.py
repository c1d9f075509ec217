"""Who sits on the committee (评标委员会): a draw that strangers can check.

Pure (core/): request, eligibility, recusal, composition, snapshot, manifest, shares,
selection, admission, entries, bundle, checks; draw_state folds a draw from its entries,
holder_checks says when a share may go, invitation is the machine of one invitation.

The pool:     expert_pool over pool_list (pages); persons (names, in the vault's file); the way in
              is pool_sheets and pool_xlsx (a file as lines), pool_check over pool_columns (bad
              cells), pool_import and pool_intake (all or nothing), pool_records (how each ended),
              pool_desk (beside the service); pool_generate and pool_workbook; pool_routes
The vault:    vault over vault_openings, vault_freeze, vault_snapshots, vault_seats, vault_store
The service:  service (use cases) over timeline (what is due next), freezing, screening,
              record (streams and rows), parties (holders and policy), store
The holders:  holder_duties (our side), holder, holder_work, holder_file (theirs)
Afterwards:   publish (bundle), rebuild and supervision (the supervisor), verify (anybody)
Doors:        routes over expert_routes, holder_routes, public_routes; desk; *_schemas
On one box:   offline; build wires the parts

Imports nothing: `python -m draw_engine.verify` must start without the service.
"""
