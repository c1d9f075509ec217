CREATE TABLE account (
	id VARCHAR NOT NULL, 
	username VARCHAR NOT NULL, 
	display BLOB NOT NULL, 
	role VARCHAR NOT NULL, 
	expert_id VARCHAR, 
	person BLOB, 
	password_hash VARCHAR, 
	signing_key BLOB NOT NULL, 
	public_key VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	disabled_at DATETIME, 
	CONSTRAINT pk_account PRIMARY KEY (id), 
	CONSTRAINT uq_account_username UNIQUE (username)
);
CREATE INDEX ix_account_role ON account (role);
CREATE INDEX ix_account_person ON account (person);
CREATE INDEX ix_account_expert_id ON account (expert_id);
CREATE TABLE account_link (
	digest VARCHAR NOT NULL, 
	account_id VARCHAR NOT NULL, 
	expires_at DATETIME NOT NULL, 
	closed_at DATETIME, 
	CONSTRAINT pk_account_link PRIMARY KEY (digest)
);
CREATE INDEX ix_account_link_account_id ON account_link (account_id);
CREATE TABLE sign_in (
	id VARCHAR NOT NULL, 
	account_id VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	party VARCHAR, 
	expires_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	refresh_id VARCHAR NOT NULL, 
	former_refresh_id VARCHAR NOT NULL, 
	refreshed_at DATETIME NOT NULL, 
	CONSTRAINT pk_sign_in PRIMARY KEY (id)
);
CREATE INDEX ix_sign_in_party ON sign_in (party);
CREATE INDEX ix_sign_in_account_id ON sign_in (account_id);
CREATE TABLE ledger_leaf (
	number INTEGER NOT NULL, 
	stream VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	type VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	leaf BLOB NOT NULL, 
	protocol BOOLEAN NOT NULL, 
	CONSTRAINT pk_ledger_leaf PRIMARY KEY (number), 
	CONSTRAINT uq_ledger_leaf_stream_seq UNIQUE (stream, seq)
);
CREATE TABLE ledger_payload (
	number INTEGER NOT NULL, 
	salt BLOB NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_ledger_payload PRIMARY KEY (number)
);
CREATE TABLE ledger_checkpoint (
	size INTEGER NOT NULL, 
	root BLOB NOT NULL, 
	text VARCHAR NOT NULL, 
	line VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_ledger_checkpoint PRIMARY KEY (size)
);
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	recipient VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	facts BLOB NOT NULL, 
	written_at DATETIME NOT NULL, 
	tries INTEGER NOT NULL, 
	next_try_at DATETIME NOT NULL, 
	done_at DATETIME, 
	outcome VARCHAR NOT NULL, 
	CONSTRAINT pk_outbox PRIMARY KEY (id)
);
CREATE TABLE passkey (
	id VARCHAR NOT NULL, 
	account_id VARCHAR NOT NULL, 
	rp_id VARCHAR NOT NULL, 
	public_key BLOB NOT NULL, 
	sign_count INTEGER NOT NULL, 
	label BLOB NOT NULL, 
	synced BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	used_at DATETIME, 
	revoked_at DATETIME, 
	CONSTRAINT pk_passkey PRIMARY KEY (id)
);
CREATE INDEX ix_passkey_account_id ON passkey (account_id);
CREATE TABLE passkey_only (
	account_id VARCHAR NOT NULL, 
	since DATETIME NOT NULL, 
	CONSTRAINT pk_passkey_only PRIMARY KEY (account_id)
);
CREATE TABLE passkey_loss (
	id VARCHAR NOT NULL, 
	account_id VARCHAR NOT NULL, 
	ground VARCHAR NOT NULL, 
	identity VARCHAR NOT NULL, 
	opened_by VARCHAR NOT NULL, 
	opened_at DATETIME NOT NULL, 
	decision VARCHAR NOT NULL, 
	decided_by VARCHAR NOT NULL, 
	decided_at DATETIME, 
	link VARCHAR, 
	link_expires_at DATETIME, 
	link_used_at DATETIME, 
	CONSTRAINT pk_passkey_loss PRIMARY KEY (id), 
	CONSTRAINT uq_passkey_loss_link UNIQUE (link)
);
CREATE INDEX ix_passkey_loss_account_id ON passkey_loss (account_id);
CREATE TABLE classification_line (
	version VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	pinyin VARCHAR NOT NULL, 
	CONSTRAINT pk_classification_line PRIMARY KEY (version, code)
);
CREATE TABLE classification_crosswalk (
	old VARCHAR NOT NULL, 
	new VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	certainty VARCHAR NOT NULL, 
	heir VARCHAR NOT NULL, 
	CONSTRAINT pk_classification_crosswalk PRIMARY KEY (old, new, code)
);
CREATE TABLE blacklist_measure (
	id VARCHAR NOT NULL, 
	expert_id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	ground VARCHAR NOT NULL, 
	basis VARCHAR NOT NULL, 
	deciding_body VARCHAR NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE, 
	recorded_by VARCHAR NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	lifted_at DATETIME, 
	lifted_by VARCHAR NOT NULL, 
	lift_ground VARCHAR NOT NULL, 
	lift_basis VARCHAR NOT NULL, 
	CONSTRAINT pk_blacklist_measure PRIMARY KEY (id)
);
CREATE INDEX ix_blacklist_measure_expert_id ON blacklist_measure (expert_id);
CREATE TABLE blacklist_exit (
	id VARCHAR NOT NULL, 
	expert_id VARCHAR NOT NULL, 
	ground VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	asked_by VARCHAR NOT NULL, 
	asked_at DATETIME NOT NULL, 
	decision VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	decided_by VARCHAR NOT NULL, 
	decided_at DATETIME, 
	CONSTRAINT pk_blacklist_exit PRIMARY KEY (id)
);
CREATE INDEX ix_blacklist_exit_expert_id ON blacklist_exit (expert_id);
CREATE TABLE draw (
	id VARCHAR NOT NULL, 
	request_key VARCHAR NOT NULL, 
	filed_by VARCHAR NOT NULL, 
	project_code VARCHAR NOT NULL, 
	section VARCHAR NOT NULL, 
	stage VARCHAR NOT NULL, 
	live BOOLEAN NOT NULL, 
	head INTEGER NOT NULL, 
	"M" VARCHAR NOT NULL, 
	filed_at DATETIME NOT NULL, 
	unsealed_at DATETIME, 
	CONSTRAINT pk_draw PRIMARY KEY (id), 
	CONSTRAINT uq_draw_request_key UNIQUE (request_key)
);
CREATE INDEX "ix_draw_M" ON draw ("M");
CREATE INDEX ix_draw_stage ON draw (stage);
CREATE INDEX ix_draw_project_code ON draw (project_code);
CREATE INDEX ix_draw_filed_by ON draw (filed_by);
CREATE INDEX ix_draw_live ON draw (live);
CREATE TABLE draw_step (
	draw_id VARCHAR NOT NULL, 
	step VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_draw_step PRIMARY KEY (draw_id, step)
);
CREATE TABLE draw_tally (
	requester VARCHAR NOT NULL, 
	project_code VARCHAR NOT NULL, 
	section VARCHAR NOT NULL, 
	checks INTEGER NOT NULL, 
	refused INTEGER NOT NULL, 
	hour INTEGER NOT NULL, 
	checks_now INTEGER NOT NULL, 
	refused_now INTEGER NOT NULL, 
	CONSTRAINT pk_draw_tally PRIMARY KEY (requester, project_code, section)
);
CREATE TABLE expert (
	expert_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	region INTEGER NOT NULL, 
	employer VARCHAR NOT NULL, 
	grouped VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	valid_to DATE NOT NULL, 
	admitted_at DATETIME NOT NULL, 
	generated BOOLEAN NOT NULL, 
	CONSTRAINT pk_expert PRIMARY KEY (expert_id)
);
CREATE INDEX ix_expert_employer_id ON expert (employer, expert_id);
CREATE INDEX ix_expert_region_id ON expert (region, expert_id);
CREATE TABLE expert_specialty (
	expert_id VARCHAR NOT NULL, 
	classification VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	CONSTRAINT pk_expert_specialty PRIMARY KEY (expert_id, classification, code)
);
CREATE INDEX ix_expert_specialty_code ON expert_specialty (classification, code, expert_id);
CREATE TABLE organisation (
	unified_credit_code VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	grouped VARCHAR NOT NULL, 
	CONSTRAINT pk_organisation PRIMARY KEY (unified_credit_code)
);
CREATE INDEX ix_organisation_grouped ON organisation (grouped);
CREATE TABLE pool_state (
	id INTEGER NOT NULL, 
	changes INTEGER NOT NULL, 
	CONSTRAINT pk_pool_state PRIMARY KEY (id)
);
CREATE TABLE pool_import (
	id VARCHAR NOT NULL, 
	file VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	floor VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	began_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	imported INTEGER NOT NULL, 
	skipped INTEGER NOT NULL, 
	problems INTEGER NOT NULL, 
	refusal VARCHAR NOT NULL, 
	CONSTRAINT pk_pool_import PRIMARY KEY (id)
);
CREATE INDEX ix_pool_import_state ON pool_import (state);
CREATE TABLE expert_remap (
	expert_id VARCHAR NOT NULL, 
	old VARCHAR NOT NULL, 
	new VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	CONSTRAINT pk_expert_remap PRIMARY KEY (expert_id, old)
);
CREATE TABLE evaluation (
	id VARCHAR NOT NULL, 
	draw_id VARCHAR NOT NULL, 
	created_by VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	representatives VARCHAR NOT NULL, 
	over BOOLEAN NOT NULL, 
	CONSTRAINT pk_evaluation PRIMARY KEY (id), 
	CONSTRAINT uq_evaluation_draw_id UNIQUE (draw_id)
);
CREATE TABLE evaluation_opening_key (
	evaluation_id VARCHAR NOT NULL, 
	public_key VARCHAR NOT NULL, 
	sealed BLOB NOT NULL, 
	CONSTRAINT pk_evaluation_opening_key PRIMARY KEY (evaluation_id)
);
CREATE TABLE evaluation_draft (
	evaluation_id VARCHAR NOT NULL, 
	seat VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	done INTEGER NOT NULL, 
	sealed BLOB NOT NULL, 
	saved_at DATETIME NOT NULL, 
	CONSTRAINT pk_evaluation_draft PRIMARY KEY (evaluation_id, seat)
);
CREATE TABLE evaluation_holder (
	evaluation_id VARCHAR NOT NULL, 
	seat VARCHAR NOT NULL, 
	holder BLOB NOT NULL, 
	CONSTRAINT pk_evaluation_holder PRIMARY KEY (evaluation_id, seat)
);
CREATE TABLE evaluation_command (
	evaluation_id VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	command_id VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	CONSTRAINT pk_evaluation_command PRIMARY KEY (evaluation_id, actor, command_id)
);
CREATE TABLE evaluation_vacancy (
	evaluation_id VARCHAR NOT NULL, 
	seat VARCHAR NOT NULL, 
	step INTEGER NOT NULL, 
	CONSTRAINT pk_evaluation_vacancy PRIMARY KEY (evaluation_id, seat)
);
CREATE TABLE ledger_cosignature (
	size INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	line VARCHAR NOT NULL, 
	time BIGINT NOT NULL, 
	CONSTRAINT pk_ledger_cosignature PRIMARY KEY (size, name), 
	CONSTRAINT fk_ledger_cosignature_size_ledger_checkpoint FOREIGN KEY(size) REFERENCES ledger_checkpoint (size)
);
