/**
 * Jest asks for CommonJS; unicorn-magic, a dependency of execa, offers its code
 * under the condition `import` only. It is transformed like any other module.
 */
module.exports = (request, options) =>
  options.defaultResolver(
    request,
    request === 'unicorn-magic'
      ? { ...options, conditions: ['node', 'import'] }
      : options,
  );
