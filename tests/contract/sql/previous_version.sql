DELETE FROM api_keys WHERE api_keys.key_id = $1::UUID AND api_keys.owner_id = $2::UUID RETURNING api_keys.key_id
-- end
DELETE FROM api_keys WHERE api_keys.owner_id = $1::UUID RETURNING api_keys.key_id
-- end
DELETE FROM delivered_images WHERE delivered_images.image_id IN (SELECT images.image_id 
FROM images 
WHERE images.image_id = $1::UUID AND images.owner_id = $2::UUID AND NOT (EXISTS (SELECT tasks.task_id 
FROM tasks 
WHERE tasks.image_id = $3::UUID AND tasks.status IN ($5::VARCHAR, $6::VARCHAR) 
 LIMIT $4::INTEGER)) AND NOT (EXISTS (SELECT second_pictures.task_id 
FROM second_pictures JOIN tasks ON tasks.task_id = second_pictures.task_id 
WHERE second_pictures.image_id = images.image_id AND tasks.status IN ($7::VARCHAR, $8::VARCHAR)))) RETURNING delivered_images.render_id
-- end
DELETE FROM delivered_images WHERE delivered_images.image_id IN (SELECT images.image_id 
FROM images 
WHERE images.image_id IN ($1::UUID) AND images.came_with_task AND NOT (EXISTS (SELECT tasks.task_id 
FROM tasks 
WHERE tasks.image_id = images.image_id)) AND NOT (EXISTS (SELECT second_pictures.task_id 
FROM second_pictures JOIN tasks ON tasks.task_id = second_pictures.task_id 
WHERE second_pictures.image_id = images.image_id AND tasks.status IN ($2::VARCHAR, $3::VARCHAR)))) RETURNING delivered_images.render_id
-- end
DELETE FROM delivered_images WHERE delivered_images.image_id IN (SELECT images.image_id 
FROM images 
WHERE images.image_id IN ($1::UUID)) RETURNING delivered_images.render_id
-- end
DELETE FROM delivered_images WHERE delivered_images.image_id IN (SELECT images.image_id 
FROM images 
WHERE images.image_id IN ($1::UUID, $2::UUID) AND images.came_with_task AND NOT (EXISTS (SELECT tasks.task_id 
FROM tasks 
WHERE tasks.image_id = images.image_id)) AND NOT (EXISTS (SELECT second_pictures.task_id 
FROM second_pictures JOIN tasks ON tasks.task_id = second_pictures.task_id 
WHERE second_pictures.image_id = images.image_id AND tasks.status IN ($3::VARCHAR, $4::VARCHAR)))) RETURNING delivered_images.render_id
-- end
DELETE FROM delivered_images WHERE delivered_images.image_id IN (SELECT images.image_id 
FROM images 
WHERE images.image_id IN (NULL) AND (1 != 1)) RETURNING delivered_images.render_id
-- end
DELETE FROM delivered_images WHERE delivered_images.render_id = $1::UUID
-- end
DELETE FROM delivered_images WHERE delivered_images.render_id IN ($1::UUID) RETURNING delivered_images.render_id
-- end
DELETE FROM delivered_images WHERE delivered_images.render_id IN ($1::UUID, $2::UUID) RETURNING delivered_images.render_id
-- end
DELETE FROM delivered_images WHERE delivered_images.render_id IN (SELECT delivered_images.render_id 
FROM delivered_images 
WHERE delivered_images.owner_id = $1::UUID 
 LIMIT $2::INTEGER) RETURNING delivered_images.render_id
-- end
DELETE FROM delivered_images WHERE delivered_images.render_id IN (SELECT delivered_images.render_id 
FROM delivered_images 
WHERE delivered_images.used_at <= (statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53)))) ORDER BY delivered_images.used_at 
 LIMIT $2::INTEGER) AND delivered_images.used_at <= (statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53)))) RETURNING delivered_images.render_id
-- end
DELETE FROM deployment
-- end
DELETE FROM generations
-- end
DELETE FROM generations WHERE generations.raised_at < (statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53)))) AND generations.generation != $2::UUID
-- end
DELETE FROM images WHERE images.image_id = $1::UUID AND images.owner_id = $2::UUID AND NOT (EXISTS (SELECT tasks.task_id 
FROM tasks 
WHERE tasks.image_id = $3::UUID AND tasks.status IN ($5::VARCHAR, $6::VARCHAR) 
 LIMIT $4::INTEGER)) AND NOT (EXISTS (SELECT second_pictures.task_id 
FROM second_pictures JOIN tasks ON tasks.task_id = second_pictures.task_id 
WHERE second_pictures.image_id = images.image_id AND tasks.status IN ($7::VARCHAR, $8::VARCHAR))) RETURNING images.key
-- end
DELETE FROM images WHERE images.image_id IN ($1::UUID) AND images.came_with_task AND NOT (EXISTS (SELECT tasks.task_id 
FROM tasks 
WHERE tasks.image_id = images.image_id)) AND NOT (EXISTS (SELECT second_pictures.task_id 
FROM second_pictures JOIN tasks ON tasks.task_id = second_pictures.task_id 
WHERE second_pictures.image_id = images.image_id AND tasks.status IN ($2::VARCHAR, $3::VARCHAR))) RETURNING images.key
-- end
DELETE FROM images WHERE images.image_id IN ($1::UUID) RETURNING images.key
-- end
DELETE FROM images WHERE images.image_id IN ($1::UUID, $2::UUID) AND images.came_with_task AND NOT (EXISTS (SELECT tasks.task_id 
FROM tasks 
WHERE tasks.image_id = images.image_id)) AND NOT (EXISTS (SELECT second_pictures.task_id 
FROM second_pictures JOIN tasks ON tasks.task_id = second_pictures.task_id 
WHERE second_pictures.image_id = images.image_id AND tasks.status IN ($3::VARCHAR, $4::VARCHAR))) RETURNING images.key
-- end
DELETE FROM images WHERE images.image_id IN (NULL) AND (1 != 1) RETURNING images.key
-- end
DELETE FROM orphans WHERE orphans.key IN ($1::VARCHAR)
-- end
DELETE FROM orphans WHERE orphans.seen_at < $1::TIMESTAMP WITH TIME ZONE
-- end
DELETE FROM preset_versions WHERE preset_versions.preset_id IN (SELECT presets.preset_id 
FROM presets 
WHERE presets.owner_id = $1::UUID AND presets.name = $2::VARCHAR) RETURNING preset_versions.version
-- end
DELETE FROM task_events
-- end
DELETE FROM task_events WHERE task_events.event_id IN (SELECT anon_1.event_id 
FROM (SELECT task_events.event_id AS event_id, task_events.at AS at 
FROM task_events ORDER BY task_events.transaction_id, task_events.event_id 
 LIMIT $1::INTEGER) AS anon_1 
WHERE anon_1.at <= (statement_timestamp() + make_interval(secs => CAST($2::FLOAT AS FLOAT(53)))))
-- end
DELETE FROM tasks WHERE tasks.task_id = $1::UUID
-- end
DELETE FROM tasks WHERE tasks.task_id IN ($2::UUID) AND tasks.finished_at <= (statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53)))) RETURNING tasks.output_key
-- end
DELETE FROM tasks WHERE tasks.task_id IN ($2::UUID) AND tasks.owner_id = $1::UUID RETURNING tasks.output_key
-- end
DELETE FROM tasks WHERE tasks.task_id IN ($2::UUID, $3::UUID) AND tasks.finished_at <= (statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53)))) RETURNING tasks.output_key
-- end
DELETE FROM tasks WHERE tasks.task_id IN ($2::UUID, $3::UUID) AND tasks.owner_id = $1::UUID RETURNING tasks.output_key
-- end
DELETE FROM tasks WHERE tasks.task_id IN ($3::UUID) AND tasks.task_id = $1::UUID AND tasks.owner_id = $2::UUID RETURNING tasks.output_key
-- end
DELETE FROM unwatched_periods
-- end
DELETE FROM users WHERE users.user_id = $1::UUID
-- end
INSERT INTO api_keys (key_id, owner_id, name, prefix, sha256, scopes, created_at, expires_at) VALUES ($1::UUID, $2::UUID, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, (statement_timestamp() + make_interval(secs => CAST($7::FLOAT AS FLOAT(53)))), $8::TIMESTAMP WITH TIME ZONE) RETURNING api_keys.key_id, api_keys.owner_id, api_keys.name, api_keys.prefix, api_keys.scopes, api_keys.created_at, api_keys.expires_at, api_keys.last_used_at
-- end
INSERT INTO delivered_images (version, owner_id, image_id, render_id, lease_expires_at, used_at) VALUES ($1::VARCHAR, $2::UUID, $3::UUID, $4::UUID, (statement_timestamp() + make_interval(secs => CAST($5::FLOAT AS FLOAT(53)))), (statement_timestamp() + make_interval(secs => CAST($6::FLOAT AS FLOAT(53))))) ON CONFLICT (version) DO UPDATE SET render_id = $7::UUID, lease_expires_at = (statement_timestamp() + make_interval(secs => CAST($5::FLOAT AS FLOAT(53)))), used_at = (statement_timestamp() + make_interval(secs => CAST($6::FLOAT AS FLOAT(53)))) WHERE delivered_images.lease_expires_at <= (statement_timestamp() + make_interval(secs => CAST($8::FLOAT AS FLOAT(53)))) RETURNING delivered_images.render_id
-- end
INSERT INTO deployment (is_only_row, deployment_id, orphans_held, orphans_allowed) VALUES ($1::BOOLEAN, $2::UUID, $3::INTEGER, $4::INTEGER) ON CONFLICT DO NOTHING
-- end
INSERT INTO generations (generation, raised_at) VALUES ($1::UUID, (statement_timestamp() + make_interval(secs => CAST($2::FLOAT AS FLOAT(53)))))
-- end
INSERT INTO images (image_id, owner_id, key, format, bytes, sha256, file_name, came_with_task, created_at) VALUES ($1::UUID, $2::UUID, $3::VARCHAR, $4::VARCHAR, $5::BIGINT, $6::VARCHAR, $7::VARCHAR, $8::BOOLEAN, (statement_timestamp() + make_interval(secs => CAST($9::FLOAT AS FLOAT(53))))) RETURNING images.image_id, images.owner_id, images.key, images.format, images.bytes, images.sha256, images.file_name, images.created_at
-- end
INSERT INTO orphans (key, reason, found_at, seen_at) VALUES ($1::VARCHAR, $2::VARCHAR, (statement_timestamp() + make_interval(secs => CAST($3::FLOAT AS FLOAT(53)))), (statement_timestamp() + make_interval(secs => CAST($4::FLOAT AS FLOAT(53))))) ON CONFLICT (key) DO UPDATE SET reason = excluded.reason, seen_at = excluded.seen_at
-- end
INSERT INTO preset_versions (preset_id, version, pipeline, output_options, created_at) VALUES ($1::UUID, $2::INTEGER, $3::JSON, $4::JSON, (statement_timestamp() + make_interval(secs => CAST($5::FLOAT AS FLOAT(53))))) RETURNING preset_versions.preset_id, preset_versions.version, preset_versions.pipeline, preset_versions.output_options, preset_versions.created_at
-- end
INSERT INTO presets (preset_id, owner_id, name, version) VALUES ($1::UUID, $2::UUID, $3::VARCHAR, $4::INTEGER)
-- end
INSERT INTO second_pictures (task_id, image_id) VALUES ($1::UUID, $2::UUID)
-- end
INSERT INTO task_events (transaction_id, owner_id, task_id, name, attempt, at) VALUES ($1::BIGINT, $2::UUID, $3::UUID, $4::VARCHAR, $5::INTEGER, (statement_timestamp() + make_interval(secs => CAST($6::FLOAT AS FLOAT(53))))) RETURNING task_events.event_id
-- end
INSERT INTO tasks (task_id, owner_id, image_id, source_key, pipeline, output_options, preset, file_name, request_id, trace_context, idempotency_key, order_sha256, status, attempt, handed_back, created_at, available_at) VALUES ($1::UUID, $2::UUID, $3::UUID, $4::VARCHAR, $5::JSON, $6::JSON, $7::VARCHAR, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::VARCHAR, $12::VARCHAR, $13::VARCHAR, $14::INTEGER, $15::INTEGER, (statement_timestamp() + make_interval(secs => CAST($16::FLOAT AS FLOAT(53)))), (statement_timestamp() + make_interval(secs => CAST($17::FLOAT AS FLOAT(53))))) RETURNING tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at
-- end
INSERT INTO unwatched_periods (period_id, began_at, ended_at) VALUES ($1::UUID, $2::TIMESTAMP WITH TIME ZONE, (statement_timestamp() + make_interval(secs => CAST($3::FLOAT AS FLOAT(53))))) RETURNING unwatched_periods.began_at, unwatched_periods.ended_at
-- end
INSERT INTO users (user_id, email, password_hash, created_at) VALUES ($1::UUID, $2::VARCHAR, $3::VARCHAR, (statement_timestamp() + make_interval(secs => CAST($4::FLOAT AS FLOAT(53))))) RETURNING users.user_id, users.email, users.password_hash, users.created_at
-- end
SELECT (SELECT count(*) AS count_1 
FROM (SELECT tasks.task_id AS task_id 
FROM tasks 
WHERE tasks.status = $1::VARCHAR 
 LIMIT $2::INTEGER) AS anon_1) AS queued, (SELECT count(*) AS count_2 
FROM (SELECT tasks.task_id AS task_id 
FROM tasks 
WHERE tasks.status = $3::VARCHAR 
 LIMIT $4::INTEGER) AS anon_2) AS running, (SELECT min(tasks.available_at) AS min_1 
FROM tasks 
WHERE tasks.status = $5::VARCHAR) AS first_due_at, (statement_timestamp() + make_interval(secs => CAST($6::FLOAT AS FLOAT(53)))) AS at
-- end
SELECT (SELECT count(*) AS count_1 
FROM orphans) AS marked, deployment.orphans_held, deployment.orphans_allowed 
FROM deployment
-- end
SELECT (SELECT images.created_at 
FROM images ORDER BY images.image_id DESC 
 LIMIT $1::INTEGER) AS anon_1, (SELECT tasks.created_at 
FROM tasks ORDER BY tasks.task_id DESC 
 LIMIT $2::INTEGER) AS anon_2
-- end
SELECT (SELECT images.created_at 
FROM images ORDER BY images.image_id DESC 
 LIMIT $1::INTEGER) AS anon_1, (SELECT tasks.created_at 
FROM tasks ORDER BY tasks.task_id DESC 
 LIMIT $2::INTEGER) AS anon_2, (SELECT max(generations.raised_at) AS max_1 
FROM generations) AS anon_3
-- end
SELECT (SELECT images.created_at 
FROM images ORDER BY images.image_id DESC 
 LIMIT $1::INTEGER) IS NOT NULL OR (EXISTS (SELECT tasks.task_id 
FROM tasks 
WHERE tasks.output_key IS NOT NULL 
 LIMIT $2::INTEGER)) AS anon_1
-- end
SELECT (statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53)))) AS database_time_1
-- end
SELECT * FROM api_keys
-- end
SELECT 1
-- end
SELECT api_keys.key_id, api_keys.owner_id, api_keys.name, api_keys.prefix, api_keys.scopes, api_keys.created_at, api_keys.expires_at, api_keys.last_used_at 
FROM api_keys 
WHERE api_keys.owner_id = $1::UUID ORDER BY api_keys.key_id
-- end
SELECT api_keys.key_id, api_keys.owner_id, api_keys.name, api_keys.prefix, api_keys.scopes, api_keys.created_at, api_keys.expires_at, api_keys.last_used_at 
FROM api_keys 
WHERE api_keys.sha256 = $1::VARCHAR
-- end
SELECT coalesce(sum(delivered_images.bytes), $1::INTEGER) AS coalesce_1 
FROM delivered_images
-- end
SELECT count(*) AS count_1 
FROM (SELECT presets.preset_id AS preset_id, presets.name AS name, preset_versions.version AS version, preset_versions.pipeline AS pipeline, preset_versions.output_options AS output_options, preset_versions.created_at AS created_at 
FROM presets JOIN preset_versions ON preset_versions.preset_id = presets.preset_id 
WHERE presets.owner_id = $1::UUID) AS anon_1
-- end
SELECT count(*) AS count_1 
FROM api_keys 
WHERE api_keys.owner_id = $1::UUID
-- end
SELECT count(*) AS count_1 
FROM orphans 
WHERE orphans.found_at <= (statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53))))
-- end
SELECT count(*) AS count_1 
FROM presets 
WHERE presets.owner_id = $1::UUID
-- end
SELECT delivered_images.render_id 
FROM delivered_images 
WHERE delivered_images.render_id IN ($1::UUID, $2::UUID)
-- end
SELECT delivered_images.render_id 
FROM delivered_images 
WHERE delivered_images.render_id IN ($1::UUID, $2::UUID, $3::UUID)
-- end
SELECT delivered_images.render_id 
FROM delivered_images 
WHERE delivered_images.render_id IN ($1::UUID, $2::UUID, $3::UUID, $4::UUID, $5::UUID)
-- end
SELECT delivered_images.render_id 
FROM delivered_images 
WHERE delivered_images.render_id IN (NULL) AND (1 != 1)
-- end
SELECT delivered_images.render_id, delivered_images.bytes 
FROM delivered_images 
WHERE delivered_images.bytes IS NOT NULL ORDER BY delivered_images.used_at 
 LIMIT $1::INTEGER
-- end
SELECT delivered_images.render_id, delivered_images.format, delivered_images.bytes, delivered_images.used_at 
FROM delivered_images 
WHERE delivered_images.version = $1::VARCHAR
-- end
SELECT deployment.deployment_id 
FROM deployment
-- end
SELECT deployment.deployment_id, deployment.claimed_at 
FROM deployment
-- end
SELECT generations.generation 
FROM generations 
WHERE generations.generation = $1::UUID
-- end
SELECT images.image_id 
FROM images 
WHERE images.image_id = $1::UUID AND images.owner_id = $2::UUID
-- end
SELECT images.image_id 
FROM images 
WHERE images.image_id = $1::UUID AND images.owner_id = $2::UUID FOR UPDATE
-- end
SELECT images.image_id 
FROM images 
WHERE images.image_id IN ($1::UUID)
-- end
SELECT images.image_id 
FROM images 
WHERE images.image_id IN ($1::UUID) ORDER BY images.image_id FOR UPDATE
-- end
SELECT images.image_id 
FROM images 
WHERE images.image_id IN ($1::UUID, $2::UUID)
-- end
SELECT images.image_id 
FROM images 
WHERE images.image_id IN ($1::UUID, $2::UUID) ORDER BY images.image_id FOR UPDATE
-- end
SELECT images.image_id 
FROM images 
WHERE images.image_id IN ($1::UUID, $2::UUID, $3::UUID)
-- end
SELECT images.image_id 
FROM images 
WHERE images.image_id IN ($1::UUID, $2::UUID, $3::UUID, $4::UUID)
-- end
SELECT images.image_id 
FROM images 
WHERE images.image_id IN ($2::UUID) AND images.owner_id = $1::UUID ORDER BY images.image_id FOR KEY SHARE
-- end
SELECT images.image_id 
FROM images 
WHERE images.image_id IN ($2::UUID, $3::UUID) AND images.owner_id = $1::UUID ORDER BY images.image_id FOR KEY SHARE
-- end
SELECT images.image_id 
FROM images 
WHERE images.image_id IN (NULL) AND (1 != 1)
-- end
SELECT images.image_id 
FROM images 
WHERE images.owner_id = $1::UUID ORDER BY images.image_id 
 LIMIT $2::INTEGER FOR UPDATE
-- end
SELECT images.image_id, images.key 
FROM images JOIN second_pictures ON second_pictures.image_id = images.image_id 
WHERE second_pictures.task_id = $1::UUID ORDER BY images.image_id
-- end
SELECT images.image_id, images.owner_id, images.key, images.format, images.bytes, images.sha256, images.file_name, images.created_at, CASE WHEN (images.came_with_task AND NOT (EXISTS (SELECT tasks.task_id 
FROM tasks 
WHERE tasks.image_id = images.image_id AND tasks.status IN ($3::VARCHAR, $4::VARCHAR)))) THEN (SELECT max(tasks.finished_at) AS max_1 
FROM tasks 
WHERE tasks.image_id = images.image_id) ELSE NULL END AS unused_since 
FROM images 
WHERE images.image_id = $1::UUID AND images.owner_id = $2::UUID
-- end
SELECT images.image_id, images.owner_id, images.key, images.format, images.bytes, images.sha256, images.file_name, images.created_at, CASE WHEN (images.came_with_task AND NOT (EXISTS (SELECT tasks.task_id 
FROM tasks 
WHERE tasks.image_id = images.image_id AND tasks.status IN ($3::VARCHAR, $4::VARCHAR)))) THEN (SELECT max(tasks.finished_at) AS max_1 
FROM tasks 
WHERE tasks.image_id = images.image_id) ELSE NULL END AS unused_since 
FROM images 
WHERE images.owner_id = $1::UUID ORDER BY images.image_id DESC 
 LIMIT $2::INTEGER
-- end
SELECT images.image_id, images.owner_id, images.key, images.format, images.bytes, images.sha256, images.file_name, images.created_at, CASE WHEN (images.came_with_task AND NOT (EXISTS (SELECT tasks.task_id 
FROM tasks 
WHERE tasks.image_id = images.image_id AND tasks.status IN ($4::VARCHAR, $5::VARCHAR)))) THEN (SELECT max(tasks.finished_at) AS max_1 
FROM tasks 
WHERE tasks.image_id = images.image_id) ELSE NULL END AS unused_since 
FROM images 
WHERE images.owner_id = $1::UUID AND images.image_id < $2::UUID ORDER BY images.image_id DESC 
 LIMIT $3::INTEGER
-- end
SELECT orphans.key 
FROM orphans 
WHERE orphans.found_at <= (statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53)))) ORDER BY orphans.found_at, orphans.key 
 LIMIT $2::INTEGER
-- end
SELECT pg_advisory_xact_lock($1)
-- end
SELECT presets.preset_id, presets.name, preset_versions.version, preset_versions.pipeline, preset_versions.output_options, preset_versions.created_at 
FROM presets JOIN preset_versions ON preset_versions.preset_id = presets.preset_id 
WHERE presets.owner_id = $1::UUID AND preset_versions.version = $2::INTEGER AND presets.name = $3::VARCHAR
-- end
SELECT presets.preset_id, presets.name, preset_versions.version, preset_versions.pipeline, preset_versions.output_options, preset_versions.created_at 
FROM presets JOIN preset_versions ON preset_versions.preset_id = presets.preset_id 
WHERE presets.owner_id = $1::UUID AND preset_versions.version = presets.version AND presets.name = $2::VARCHAR
-- end
SELECT presets.preset_id, presets.name, preset_versions.version, preset_versions.pipeline, preset_versions.output_options, preset_versions.created_at 
FROM presets JOIN preset_versions ON preset_versions.preset_id = presets.preset_id 
WHERE presets.owner_id = $1::UUID AND preset_versions.version = presets.version AND presets.preset_id < $2::UUID ORDER BY presets.preset_id DESC 
 LIMIT $3::INTEGER
-- end
SELECT presets.preset_id, presets.name, preset_versions.version, preset_versions.pipeline, preset_versions.output_options, preset_versions.created_at 
FROM presets JOIN preset_versions ON preset_versions.preset_id = presets.preset_id 
WHERE presets.owner_id = $1::UUID AND preset_versions.version = presets.version ORDER BY presets.preset_id DESC 
 LIMIT $2::INTEGER
-- end
SELECT second_pictures.image_id 
FROM second_pictures 
WHERE second_pictures.task_id IN ($1::UUID)
-- end
SELECT second_pictures.image_id 
FROM second_pictures 
WHERE second_pictures.task_id IN ($1::UUID, $2::UUID)
-- end
SELECT task_events.event_id, task_events.transaction_id, task_events.owner_id, task_events.task_id, task_events.name, task_events.attempt, task_events.at 
FROM task_events 
WHERE (task_events.transaction_id, task_events.event_id) > ($1, $2) AND task_events.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint AND task_events.owner_id = $3::UUID ORDER BY task_events.transaction_id, task_events.event_id 
 LIMIT $4
-- end
SELECT task_events.event_id, task_events.transaction_id, task_events.owner_id, task_events.task_id, task_events.name, task_events.attempt, task_events.at 
FROM task_events 
WHERE (task_events.transaction_id, task_events.event_id) > ($1, $2) AND task_events.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY task_events.transaction_id, task_events.event_id 
 LIMIT $3
-- end
SELECT task_events.transaction_id, task_events.event_id 
FROM task_events 
WHERE task_events.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY task_events.transaction_id DESC, task_events.event_id DESC 
 LIMIT $1::INTEGER
-- end
SELECT tasks.task_id, tasks.image_id 
FROM tasks 
WHERE tasks.finished_at <= (statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53)))) ORDER BY tasks.task_id 
 LIMIT $2::INTEGER
-- end
SELECT tasks.task_id, tasks.image_id 
FROM tasks 
WHERE tasks.owner_id = $1::UUID ORDER BY tasks.task_id 
 LIMIT $2::INTEGER
-- end
SELECT tasks.task_id, tasks.image_id 
FROM tasks 
WHERE tasks.task_id = $1::UUID AND tasks.owner_id = $2::UUID ORDER BY tasks.task_id 
 LIMIT $3::INTEGER
-- end
SELECT tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.preset, tasks.file_name, tasks.request_id, tasks.trace_context, tasks.idempotency_key, tasks.order_sha256, tasks.status, tasks.attempt, tasks.handed_back, tasks.created_at, tasks.available_at, tasks.published_at, tasks.started_at, tasks.finished_at, tasks.worker_id, tasks.lease_expires_at, tasks.error_code, tasks.error_detail, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at, tasks.analysis, tasks.render_report 
FROM tasks 
WHERE tasks.task_id = $1::UUID
-- end
SELECT tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at 
FROM tasks 
WHERE tasks.owner_id = $1::UUID AND tasks.idempotency_key = $2::VARCHAR ORDER BY tasks.task_id DESC 
 LIMIT $3::INTEGER
-- end
SELECT tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at 
FROM tasks 
WHERE tasks.owner_id = $1::UUID AND tasks.status = $2::VARCHAR ORDER BY tasks.task_id DESC 
 LIMIT $3::INTEGER
-- end
SELECT tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at 
FROM tasks 
WHERE tasks.owner_id = $1::UUID AND tasks.task_id < $2::UUID ORDER BY tasks.task_id DESC 
 LIMIT $3::INTEGER
-- end
SELECT tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at 
FROM tasks 
WHERE tasks.owner_id = $1::UUID ORDER BY tasks.task_id DESC 
 LIMIT $2::INTEGER
-- end
SELECT tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at 
FROM tasks 
WHERE tasks.task_id = $1::UUID AND tasks.owner_id = $2::UUID
-- end
SELECT tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at 
FROM tasks 
WHERE tasks.task_id IN ($2::UUID) ORDER BY tasks.task_id DESC 
 LIMIT $1::INTEGER
-- end
SELECT tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at 
FROM tasks 
WHERE tasks.task_id IN ($2::UUID, $3::UUID) ORDER BY tasks.task_id DESC 
 LIMIT $1::INTEGER
-- end
SELECT tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at 
FROM tasks 
WHERE tasks.task_id IN ($2::UUID, $3::UUID, $4::UUID, $5::UUID, $6::UUID, $7::UUID, $8::UUID) ORDER BY tasks.task_id DESC 
 LIMIT $1::INTEGER
-- end
SELECT tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at 
FROM tasks 
WHERE tasks.task_id IN (NULL) AND (1 != 1) ORDER BY tasks.task_id DESC 
 LIMIT $1::INTEGER
-- end
SELECT unwatched_periods.began_at, unwatched_periods.ended_at 
FROM unwatched_periods
-- end
SELECT users.user_id 
FROM users 
WHERE users.user_id = $1::UUID FOR NO KEY UPDATE
-- end
SELECT users.user_id 
FROM users 
WHERE users.user_id = $1::UUID FOR UPDATE
-- end
SELECT users.user_id, users.email, users.password_hash, users.created_at 
FROM users 
WHERE users.email = $1::VARCHAR
-- end
SELECT users.user_id, users.email, users.password_hash, users.created_at 
FROM users 
WHERE users.user_id = $1::UUID
-- end
UPDATE api_keys SET last_used_at=(statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53)))) WHERE api_keys.key_id = $2::UUID AND (api_keys.last_used_at IS NULL OR api_keys.last_used_at <= (statement_timestamp() + make_interval(secs => CAST($3::FLOAT AS FLOAT(53)))))
-- end
UPDATE delivered_images SET lease_expires_at=$1::TIMESTAMP WITH TIME ZONE, format=$2::VARCHAR, bytes=$3::BIGINT WHERE delivered_images.render_id = $4::UUID AND delivered_images.bytes IS NULL RETURNING delivered_images.render_id
-- end
UPDATE delivered_images SET lease_expires_at=(statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53)))) WHERE delivered_images.render_id = $2::UUID AND delivered_images.bytes IS NULL RETURNING delivered_images.render_id
-- end
UPDATE delivered_images SET used_at = '2020-01-01T00:00:00+00:00'
-- end
UPDATE delivered_images SET used_at=(statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53)))) WHERE delivered_images.render_id = $2::UUID
-- end
UPDATE deployment SET claimed_at=(statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53))))
-- end
UPDATE deployment SET orphans_held=$1::INTEGER
-- end
UPDATE images SET bytes = 0
-- end
UPDATE images SET sha256 = 'abc'
-- end
UPDATE presets SET version=(presets.version + $1::INTEGER) WHERE presets.owner_id = $2::UUID AND presets.name = $3::VARCHAR RETURNING presets.preset_id, presets.version
-- end
UPDATE tasks SET attempt=$1::INTEGER WHERE tasks.task_id = $2::UUID
-- end
UPDATE tasks SET finished_at = started_at
-- end
UPDATE tasks SET handed_back = 2
-- end
UPDATE tasks SET lease_expires_at = NULL
-- end
UPDATE tasks SET lease_expires_at=(statement_timestamp() + make_interval(secs => CAST($1 AS FLOAT(53)))) WHERE tasks.task_id = $2::UUID AND tasks.status = $3::VARCHAR AND tasks.attempt = $4::INTEGER RETURNING tasks.task_id
-- end
UPDATE tasks SET output_url = 'http://127.0.0.1/'
-- end
UPDATE tasks SET output_url=$1::VARCHAR, output_url_expires_at=$2::TIMESTAMP WITH TIME ZONE WHERE tasks.task_id = $3::UUID AND tasks.status = $4::VARCHAR AND tasks.attempt = $5::INTEGER RETURNING tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at
-- end
UPDATE tasks SET published_at=(statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53)))) WHERE tasks.task_id IN ($3::UUID) AND tasks.status = $2::VARCHAR
-- end
UPDATE tasks SET started_at = NULL
-- end
UPDATE tasks SET status = 'failed', finished_at = started_at, worker_id = NULL, lease_expires_at = NULL
-- end
UPDATE tasks SET status = 'paused', finished_at = started_at, worker_id = NULL, lease_expires_at = NULL
-- end
UPDATE tasks SET status = 'succeeded', finished_at = started_at, worker_id = NULL, lease_expires_at = NULL
-- end
UPDATE tasks SET status=$1::VARCHAR, attempt=(tasks.attempt + $2::INTEGER), started_at=(statement_timestamp() + make_interval(secs => CAST($3::FLOAT AS FLOAT(53)))), worker_id=$4::VARCHAR, lease_expires_at=(statement_timestamp() + make_interval(secs => CAST($5 AS FLOAT(53)))), error_code=NULL, error_detail=NULL WHERE tasks.task_id = $6::UUID AND (tasks.status = $7::VARCHAR AND tasks.available_at <= (statement_timestamp() + make_interval(secs => CAST($8::FLOAT AS FLOAT(53)))) OR tasks.status = $9::VARCHAR AND tasks.lease_expires_at <= (statement_timestamp() + make_interval(secs => CAST($10 AS FLOAT(53))))) AND tasks.attempt - tasks.handed_back < $11::INTEGER RETURNING tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at
-- end
UPDATE tasks SET status=$1::VARCHAR, finished_at=(statement_timestamp() + make_interval(secs => CAST($2::FLOAT AS FLOAT(53)))), worker_id=NULL, lease_expires_at=NULL, error_code=$3::VARCHAR, error_detail=$4::VARCHAR WHERE tasks.task_id = $5::UUID AND tasks.status = $6::VARCHAR AND tasks.attempt = $7::INTEGER RETURNING tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at
-- end
UPDATE tasks SET status=$1::VARCHAR, finished_at=(statement_timestamp() + make_interval(secs => CAST($2::FLOAT AS FLOAT(53)))), worker_id=NULL, lease_expires_at=NULL, error_code=NULL, error_detail=NULL WHERE tasks.task_id = $3::UUID AND tasks.owner_id = $4::UUID AND tasks.status IN ($5::VARCHAR, $6::VARCHAR) RETURNING tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at
-- end
UPDATE tasks SET status=$1::VARCHAR, finished_at=(statement_timestamp() + make_interval(secs => CAST($2::FLOAT AS FLOAT(53)))), worker_id=NULL, lease_expires_at=NULL, output_key=$3::VARCHAR, output_format=$4::VARCHAR, output_width=$5::INTEGER, output_height=$6::INTEGER, output_bytes=$7::BIGINT, output_sha256=$8::VARCHAR, output_url=$9::VARCHAR, output_url_expires_at=$10::TIMESTAMP WITH TIME ZONE, analysis=$11::JSON, render_report=$12::JSON WHERE tasks.task_id = $13::UUID AND tasks.status = $14::VARCHAR AND tasks.attempt = $15::INTEGER RETURNING tasks.task_id
-- end
UPDATE tasks SET status=$1::VARCHAR, handed_back=(tasks.handed_back + $2::INTEGER), available_at=(statement_timestamp() + make_interval(secs => CAST($3::FLOAT AS FLOAT(53)))), published_at=NULL, worker_id=NULL, lease_expires_at=NULL WHERE tasks.task_id = $4::UUID AND tasks.status = $5::VARCHAR AND tasks.attempt = $6::INTEGER RETURNING tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at
-- end
UPDATE tasks SET status=CASE WHEN (tasks.attempt - tasks.handed_back >= $1::INTEGER) THEN $2::VARCHAR ELSE $3::VARCHAR END, available_at=(statement_timestamp() + make_interval(secs => CAST($4::FLOAT AS FLOAT(53)))), published_at=NULL, finished_at=CASE WHEN (tasks.attempt - tasks.handed_back >= $1::INTEGER) THEN (statement_timestamp() + make_interval(secs => CAST($5::FLOAT AS FLOAT(53)))) ELSE NULL END, worker_id=NULL, lease_expires_at=NULL, error_code=$6::VARCHAR, error_detail=$7::VARCHAR WHERE tasks.status = $8::VARCHAR AND tasks.lease_expires_at <= (statement_timestamp() + make_interval(secs => CAST($9::FLOAT AS FLOAT(53)))) RETURNING tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at
-- end
UPDATE tasks SET status=CASE WHEN (tasks.attempt - tasks.handed_back >= $1::INTEGER) THEN $2::VARCHAR ELSE $3::VARCHAR END, available_at=(statement_timestamp() + make_interval(secs => CAST($4::FLOAT AS FLOAT(53)))), published_at=NULL, finished_at=CASE WHEN (tasks.attempt - tasks.handed_back >= $1::INTEGER) THEN (statement_timestamp() + make_interval(secs => CAST($5::FLOAT AS FLOAT(53)))) ELSE NULL END, worker_id=NULL, lease_expires_at=NULL, error_code=$6::VARCHAR, error_detail=$7::VARCHAR WHERE tasks.status = $8::VARCHAR RETURNING tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at
-- end
UPDATE tasks SET status=CASE WHEN (tasks.attempt - tasks.handed_back >= $1::INTEGER) THEN $2::VARCHAR ELSE $3::VARCHAR END, available_at=(statement_timestamp() + make_interval(secs => CAST($4::FLOAT AS FLOAT(53)))), published_at=NULL, finished_at=CASE WHEN (tasks.attempt - tasks.handed_back >= $1::INTEGER) THEN (statement_timestamp() + make_interval(secs => CAST($5::FLOAT AS FLOAT(53)))) ELSE NULL END, worker_id=NULL, lease_expires_at=NULL, error_code=$6::VARCHAR, error_detail=$7::VARCHAR WHERE tasks.task_id = $8::UUID AND tasks.status = $9::VARCHAR AND tasks.attempt = $10::INTEGER RETURNING tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at
-- end
UPDATE tasks SET worker_id = NULL
-- end
UPDATE users SET email = 'Owner@example.com'
-- end
UPDATE users SET password_hash=$1::VARCHAR WHERE users.user_id = $2::UUID AND users.password_hash = $3::VARCHAR RETURNING users.user_id
-- end
WITH chosen AS 
(SELECT tasks.task_id AS task_id 
FROM tasks 
WHERE tasks.status = $2::VARCHAR AND tasks.available_at <= (statement_timestamp() + make_interval(secs => CAST($3::FLOAT AS FLOAT(53)))) AND (tasks.published_at IS NULL AND NOT (tasks.attempt = $4::INTEGER AND tasks.created_at > (statement_timestamp() + make_interval(secs => CAST($5::FLOAT AS FLOAT(53))))) OR tasks.published_at <= (statement_timestamp() + make_interval(secs => CAST($6::FLOAT AS FLOAT(53))))) ORDER BY tasks.available_at 
 LIMIT $7::INTEGER FOR UPDATE SKIP LOCKED)
 UPDATE tasks SET published_at=(statement_timestamp() + make_interval(secs => CAST($1::FLOAT AS FLOAT(53)))) WHERE tasks.task_id IN (SELECT chosen.task_id 
FROM chosen) AND tasks.status = $8::VARCHAR AND tasks.available_at <= (statement_timestamp() + make_interval(secs => CAST($9::FLOAT AS FLOAT(53)))) AND (tasks.published_at IS NULL AND NOT (tasks.attempt = $4::INTEGER AND tasks.created_at > (statement_timestamp() + make_interval(secs => CAST($5::FLOAT AS FLOAT(53))))) OR tasks.published_at <= (statement_timestamp() + make_interval(secs => CAST($6::FLOAT AS FLOAT(53))))) RETURNING tasks.task_id, tasks.owner_id, tasks.image_id, tasks.source_key, tasks.pipeline, tasks.output_options, tasks.status, tasks.attempt, tasks.request_id, tasks.created_at, tasks.started_at, tasks.finished_at, tasks.error_code, tasks.error_detail, tasks.analysis, tasks.render_report, tasks.preset, tasks.trace_context, tasks.order_sha256, tasks.file_name, tasks.output_key, tasks.output_format, tasks.output_width, tasks.output_height, tasks.output_bytes, tasks.output_sha256, tasks.output_url, tasks.output_url_expires_at
-- end
