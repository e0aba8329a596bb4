/**
 * What was deployed, by whom and how it ended.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('deployments', table => {
    table.comment('One row for each change of a WasmModule');
    table.string('id', 36).primary();
    table.text('entity_ref').notNullable();
    table.text('cluster').notNullable();
    table.text('namespace').notNullable();
    table.text('name').notNullable();
    table.string('action', 16).notNullable();
    table.string('origin', 16).notNullable();
    table.text('actor').notNullable();
    table.string('state', 16).notNullable();
    table.text('message');
    table.string('code', 64);
    table.text('remedy');
    table.text('image').notNullable();
    table.bigInteger('size').comment('Bytes of the module');
    table.text('uid').comment('Of the resource; known once it was applied');
    table.bigInteger('generation');
    table.text('base_uid').comment('What was there before');
    table.bigInteger('base_generation');
    table.text('manifest').comment('JSON; values that look secret are masked');
    table.text('secrets').comment('The masked values, encrypted');
    table.string('rollback_of', 36);
    table
      .string('once_key', 128)
      .unique({ indexName: 'deployments_once_key' })
      .comment('Two reports of one change have the same');
    table.string('backend', 36).comment('Who writes; none once it was applied');
    table.integer('beat').notNullable().defaultTo(0);
    table.timestamp('started_at', { useTz: true }).notNullable();
    table.timestamp('applied_at', { useTz: true });
    table.timestamp('ended_at', { useTz: true });
    table.index(
      ['entity_ref', 'started_at', 'id'],
      'deployments_entity_started',
    );
    table.index(
      ['cluster', 'namespace', 'name', 'started_at'],
      'deployments_module_started',
    );
    table.index(['state'], 'deployments_state');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('deployments');
};
