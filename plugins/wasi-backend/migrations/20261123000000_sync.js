// @ts-check

/**
 * Deploys from the catalog: one row for each environment of an entity, and one
 * for each entity that was suspended or asked to be looked at.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('sync_state', table => {
    table.string('entity', 255).notNullable();
    table.string('environment', 63).notNullable();
    table.string('cluster', 255).notNullable();
    table.string('namespace', 63).notNullable();
    table.string('name', 255).notNullable();
    table.string('mode', 20).notNullable();
    table.string('state', 20).notNullable();
    table.text('message').notNullable();
    table.string('code', 64);
    table.text('remedy');
    table.text('source_url').notNullable();
    table.string('source_revision', 64);
    table.text('drift').notNullable();
    table.text('pull_request_url');
    table.string('managed_by', 255);
    table.boolean('deployed').notNullable();
    table.string('desired_hash', 64);
    table.string('proposed_hash', 64);
    table.string('live_fingerprint', 64);
    table.text('inspected');
    table.integer('failures').notNullable();
    table.integer('missing_reads').notNullable();
    table.string('last_run_at', 30);
    table.string('next_run_at', 30);
    table.primary(['entity', 'environment']);
  });
  await knex.schema.createTable('sync_entities', table => {
    table.string('entity', 255).notNullable().primary();
    table.string('suspended_by', 255);
    table.string('suspended_at', 30);
    table.text('suspended_reason');
    table.string('requested_at', 30);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('sync_entities');
  await knex.schema.dropTable('sync_state');
};
