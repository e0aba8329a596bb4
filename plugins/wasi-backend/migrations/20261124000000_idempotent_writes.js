/**
 * Answers of writes, by the key that the client chose, so that a repeated call
 * gets the answer of the first one.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('idempotent_writes', table => {
    table.comment('One row for each key of a client, for a day');
    table.string('id', 64).primary().comment('Hash of caller, action and key');
    table.string('input_hash', 64).notNullable();
    table.string('run', 36).notNullable().comment('Which call does the work');
    table.text('answer').comment('JSON; none while the work is under way');
    table.timestamp('started_at', { useTz: true }).notNullable();
    table.index(['started_at'], 'idempotent_writes_started_at');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('idempotent_writes');
};
