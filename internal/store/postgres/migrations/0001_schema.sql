-- The schema of iotjobs. All of it lies in one PostgreSQL schema (iotjobs unless the URL's search_path says otherwise).
--
-- Names are compared by their bytes (COLLATE "C"), which is the order of all lists. Instants are microseconds since 1970, as in the embedded
-- store. A bytea holds what only the program looks into: CBOR with numbered members, of which newer versions have more. Statuses of executions
-- are their places in the order of the AWS model, 0 for QUEUED.
--
-- Locks are taken in the order control, thing (by name), job_lock (by number), counter, mark, event_counter; so nobody waits in a circle. There is no
-- sequence, no trigger and no foreign key: a device's commit touches as few rows as it can.

-- The one row that every update but those of devices locks first, which makes them one after the other.
CREATE TABLE control (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    version     integer NOT NULL, -- of this schema
    last_number bigint  NOT NULL  -- the number last drawn for a thing, group or job, and so the membership version
) WITH (fillfactor = 50);
INSERT INTO control (version, last_number) VALUES (1, 0);

-- A thing with its pending executions in the order of the queue, and a copy of the heads of their jobs. A device's report rewrites only "pending", so that with room on the page the new
-- version needs no new index entries (HOT): that is what the fillfactor leaves the room for. Autovacuum comes early, because a hot row has
-- hundreds of dead versions before a fifth of the table is dead.
CREATE TABLE thing (
    name     text COLLATE "C" PRIMARY KEY,
    number   bigint NOT NULL, -- never reused: it tells a thing from an earlier one of the same name
    type     text COLLATE "C",
    registry bytea NOT NULL,
    jobs     bigint[] NOT NULL DEFAULT '{}', -- those of the pending executions, each once
    pending  bytea -- null for none
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 1);
CREATE INDEX thing_by_type ON thing (type, name) WHERE type IS NOT NULL;

-- Every execution of every thing: where a job's executions are found by status, what is due, and the content of those that have ended (that of a
-- pending one is in its thing). The name is that of the thing, also when the thing is gone.
CREATE TABLE execution (
    thing      bigint   NOT NULL,
    job        bigint   NOT NULL,
    number     bigint   NOT NULL,
    status     smallint NOT NULL,
    thing_name text COLLATE "C" NOT NULL,
    due        bigint, -- when a timer fires; null without one
    ended      bytea,  -- null while pending
    PRIMARY KEY (thing, job, number)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 1);
CREATE INDEX execution_by_status ON execution (job, status, thing_name, thing, number DESC);
CREATE INDEX execution_due ON execution (due, thing_name, thing, job, number) WHERE due IS NOT NULL;

-- What is remembered of a job on a thing, also when its executions were deleted.
CREATE TABLE head (
    thing     bigint NOT NULL,
    job       bigint NOT NULL,
    newest    bigint NOT NULL,
    failed    integer NOT NULL, -- retries used after FAILED
    timed_out integer NOT NULL, -- and after TIMED_OUT
    PRIMARY KEY (thing, job)
);
CREATE INDEX head_by_job ON head (job);

-- A job as it stands. What was asked for lies apart, because it never changes under its revision and is cached under it.
CREATE TABLE job (
    number   bigint PRIMARY KEY,
    id       text COLLATE "C" NOT NULL UNIQUE,
    revision bigint NOT NULL,
    status   text   NOT NULL,
    wake_at  bigint, -- when the job's step has to look; null for never
    state    bytea  NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX job_by_status ON job (status, number);
CREATE INDEX job_wake ON job (wake_at, number) WHERE wake_at IS NOT NULL;

CREATE TABLE job_config (
    job      bigint NOT NULL,
    revision bigint NOT NULL,
    config   bytea  NOT NULL,
    PRIMARY KEY (job, revision)
);

-- The groups that an unfinished continuous job follows.
CREATE TABLE job_group (
    grp bigint NOT NULL,
    job bigint NOT NULL,
    PRIMARY KEY (grp, job)
);
CREATE INDEX job_group_by_job ON job_group (job);

-- Device groups lock the jobs that they look at shared, and an update locks those that it has changed when it commits: so a device never decides on
-- a job that was canceled before its own commit. The row is not the job's own, because an update writes jobs before it knows all of its things, and
-- that would be the wrong order. It is a copy, made at the commit: a device gets the job with the lock, and as it is then.
CREATE TABLE job_lock (
    job      bigint PRIMARY KEY,
    id       text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    status   text   NOT NULL,
    wake_at  bigint,
    state    bytea  NOT NULL
) WITH (fillfactor = 50);

-- Executions of a job by status, as the sum of its stripes. A writer adds to its own stripe, so that writers do not wait for each other.
CREATE TABLE counter (
    job         bigint   NOT NULL,
    stripe      smallint NOT NULL,
    queued      bigint NOT NULL,
    in_progress bigint NOT NULL,
    succeeded   bigint NOT NULL,
    failed      bigint NOT NULL,
    timed_out   bigint NOT NULL,
    rejected    bigint NOT NULL,
    removed     bigint NOT NULL,
    canceled    bigint NOT NULL,
    PRIMARY KEY (job, stripe)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

-- Jobs whose step may have something to do, in stripes for the same reason. n grows, so that clearing a mark spares one that was set meanwhile.
CREATE TABLE mark (
    job    bigint   NOT NULL,
    stripe smallint NOT NULL,
    n      bigint   NOT NULL,
    PRIMARY KEY (job, stripe)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE thing_group (
    number   bigint PRIMARY KEY,
    name     text COLLATE "C" NOT NULL,
    parent   bigint  NOT NULL, -- 0 for a root
    deleting boolean NOT NULL, -- the name is free again, but members are left
    content  bytea   NOT NULL
);
CREATE UNIQUE INDEX thing_group_by_name ON thing_group (name) WHERE NOT deleting;
CREATE INDEX thing_group_by_parent ON thing_group (parent, name) WHERE NOT deleting;

-- For which membership versions a group held a thing: from joined on, and until before departed, which is null while it lasts.
CREATE TABLE membership (
    grp        bigint NOT NULL,
    thing_name text COLLATE "C" NOT NULL,
    thing      bigint NOT NULL,
    joined     bigint NOT NULL,
    departed   bigint,
    direct     boolean NOT NULL,
    PRIMARY KEY (grp, thing_name, thing, joined)
);
CREATE INDEX membership_now ON membership (grp, thing_name, thing) WHERE departed IS NULL;
CREATE INDEX membership_departed ON membership (departed, grp, thing_name, thing) WHERE departed IS NOT NULL;

-- Events that wait to be told, and the number of the newest one ever. Who appends events locks the counter last and until its commit, so that numbers
-- are in the order of the commits and have no holes. Whoever appends none does not touch it.
CREATE TABLE event (
    number  bigint PRIMARY KEY,
    content bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
CREATE TABLE event_counter (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    last bigint NOT NULL
) WITH (fillfactor = 20);
INSERT INTO event_counter (last) VALUES (0);

-- Small named rows of the service: keys, settings, certificates, policies.
CREATE TABLE record (
    kind  text COLLATE "C" NOT NULL,
    id    text COLLATE "C" NOT NULL,
    value bytea NOT NULL,
    PRIMARY KEY (kind, id)
);

-- Which node does which work, until when by the clock of this database. Rows stay, for the epoch never goes back.
CREATE TABLE lease (
    name    text COLLATE "C" PRIMARY KEY,
    node    text NOT NULL,
    epoch   bigint NOT NULL,
    expires timestamptz NOT NULL
) WITH (fillfactor = 50);
