// @ts-check

/**
 * Which backend runs the deploys from the catalog, and since when an entity is
 * not suspended any more.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('sync_runs', table => {
    table.comment('One row');
    table.string('id', 36).notNullable().primary();
    table.string('backend', 36).comment('Which one runs; none between runs');
    table.integer('beat').notNullable().comment('Grows as long as it lives');
    table.integer('runs').notNullable().comment('Whole runs');
  });
  await knex.schema.alterTable('sync_entities', table => {
    table.string('resumed_at', 30);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('sync_entities', table => {
    table.dropColumn('resumed_at');
  });
  await knex.schema.dropTable('sync_runs');
};
