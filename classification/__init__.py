"""What an expert knows: the national classification of specialties, and the regions.

core/code.py        SpecialtyCode: a code that never travels without its version
core/catalogue.py   one version of the standard as a tree
core/search.py      search by code, words and pinyin; core/readings.py: what a word may spell
core/widening.py    the ladder from a specialty to the classes above it
core/crosswalk.py   what a code of an older version became, how sure that is, who says so
core/corrected.py   checks a corrected list; core/difference.py: what it changes, and the crosswalk
core/editions.py    imported versions and decisions as the fold of the stream `classification`
core/regions.py     provinces, prefectures and counties
catalogue_file.py   reads the packaged data; list_file.py: corrected lists and their template
service.py          find, resolve, look up, tree, fates of codes
edition_desk.py     propose, refuse, decide; adopting is the draw engine's (remapping.py)
data/               the standard and the regions; data/README.md says where they come from
"""
