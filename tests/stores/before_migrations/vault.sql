CREATE TABLE vault_epoch (
	epoch INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	root BLOB NOT NULL, 
	changes BLOB NOT NULL, 
	authority BLOB NOT NULL, 
	at DATETIME NOT NULL, 
	rows BLOB NOT NULL, 
	CONSTRAINT pk_vault_epoch PRIMARY KEY (epoch)
);
CREATE TABLE vault_epoch_part (
	epoch INTEGER NOT NULL, 
	part INTEGER NOT NULL, 
	sealed BLOB NOT NULL, 
	CONSTRAINT pk_vault_epoch_part PRIMARY KEY (epoch, part)
);
CREATE TABLE vault_freeze (
	draw_id VARCHAR NOT NULL, 
	epoch INTEGER NOT NULL, 
	draw BLOB NOT NULL, 
	handle_salt BLOB NOT NULL, 
	hats BLOB NOT NULL, 
	CONSTRAINT pk_vault_freeze PRIMARY KEY (draw_id)
);
CREATE TABLE vault_result (
	draw_id VARCHAR NOT NULL, 
	step INTEGER NOT NULL, 
	salt BLOB NOT NULL, 
	digest BLOB NOT NULL, 
	sealed BLOB NOT NULL, 
	CONSTRAINT pk_vault_result PRIMARY KEY (draw_id, step)
);
CREATE TABLE vault_invitation (
	id VARCHAR NOT NULL, 
	draw_id VARCHAR NOT NULL, 
	seat INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	slot INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	who BLOB NOT NULL, 
	expert BLOB NOT NULL, 
	status VARCHAR NOT NULL, 
	place VARCHAR NOT NULL, 
	contact VARCHAR NOT NULL, 
	starts_at DATETIME NOT NULL, 
	invited_at DATETIME NOT NULL, 
	reply_by DATETIME NOT NULL, 
	answered_at DATETIME, 
	reason VARCHAR NOT NULL, 
	cause VARCHAR NOT NULL, 
	dispute BLOB NOT NULL, 
	evidence_salt BLOB NOT NULL, 
	evidence BLOB NOT NULL, 
	CONSTRAINT pk_vault_invitation PRIMARY KEY (id), 
	CONSTRAINT uq_vault_seat_step UNIQUE (draw_id, seat, step)
);
CREATE INDEX ix_vault_invitation_who ON vault_invitation (who);
CREATE INDEX ix_vault_invitation_draw_id ON vault_invitation (draw_id);
CREATE TABLE vault_notice (
	id INTEGER NOT NULL, 
	invitation_id VARCHAR NOT NULL, 
	attempt INTEGER NOT NULL, 
	due_at DATETIME NOT NULL, 
	sent_at DATETIME, 
	outcome VARCHAR NOT NULL, 
	CONSTRAINT pk_vault_notice PRIMARY KEY (id), 
	CONSTRAINT uq_vault_attempt UNIQUE (invitation_id, attempt)
);
CREATE INDEX ix_vault_notice_invitation_id ON vault_notice (invitation_id);
CREATE TABLE vault_person (
	expert_id VARCHAR NOT NULL, 
	blind BLOB NOT NULL, 
	sealed BLOB NOT NULL, 
	generated BOOLEAN NOT NULL, 
	CONSTRAINT pk_vault_person PRIMARY KEY (expert_id), 
	CONSTRAINT uq_vault_person_blind UNIQUE (blind)
);
