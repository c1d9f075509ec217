"""What an expert knows: the national classification of specialties, and the regions.

core/code.py        SpecialtyCode: a code that never travels without its version
core/catalogue.py   one version of the standard as a tree; search by code, name and pinyin initials
core/widening.py    the ladder from a specialty to the classes above it
core/regions.py     provinces, prefectures and counties
catalogue_file.py   reads the data files; initials.py: pinyin initials of a name
service.py          find, resolve, tree, regions
schemas.py routes.py  the public answers of all this
data/               the standard and the regions; data/README.md says where they come from
"""
