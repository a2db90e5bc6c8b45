CREATE TABLE ledger (station VARCHAR(32) NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL, outcome VARCHAR(12) NOT NULL, PRIMARY KEY (station, epoch, seq));
CREATE TABLE quarantine (digest VARCHAR(32) NOT NULL, received_at TIMESTAMP WITH TIME ZONE NOT NULL, topic VARCHAR(200) NOT NULL, reason VARCHAR(32) NOT NULL, detail VARCHAR(300) NOT NULL, payload BYTEA NOT NULL, PRIMARY KEY (digest));
CREATE INDEX ix_quarantine_reason ON quarantine (reason);
CREATE TABLE stations (id VARCHAR(32) NOT NULL, name_zh VARCHAR(100) NOT NULL, name_en VARCHAR(100) NOT NULL, district VARCHAR(6) NOT NULL, venue VARCHAR(20) NOT NULL, seats INTEGER NOT NULL, PRIMARY KEY (id));
CREATE INDEX ix_stations_district ON stations (district);
CREATE TABLE statuses (station VARCHAR(32) NOT NULL, boot VARCHAR(16) NOT NULL, alive BOOLEAN NOT NULL, seen_at TIMESTAMP WITH TIME ZONE NOT NULL, heartbeat_seconds FLOAT NOT NULL, min_batch INTEGER NOT NULL, epoch BIGINT NOT NULL, numbered BIGINT NOT NULL, pending BIGINT NOT NULL, dropped BIGINT NOT NULL, PRIMARY KEY (station));
INSERT INTO stations VALUES ('BJ-CY-012', '朝阳区便利店', 'Chaoyang store', '110105', 'convenience', 3);
INSERT INTO ledger VALUES ('BJ-CY-012', 7, 1, 'stored'), ('BJ-CY-012', 7, 2, 'quarantined');
INSERT INTO statuses VALUES ('BJ-CY-012', '0123456789abcdef', TRUE, '2026-02-06 08:00:00.000000', 60, 5, 7, 3, 1, 0)
