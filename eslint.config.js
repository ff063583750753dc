const readonly = (/** @type {string[]} */ names) =>
  Object.fromEntries(names.map((name) => [name, "readonly"]));

const browser = [
  ..."clearTimeout customElements CustomEvent document Element fetch".split(" "),
  ..."HTMLElement KeyboardEvent navigator performance setTimeout URL window".split(" "),
];

export default [
  {
    files: ["custom_components/**/*.js", "tests/**/*.js", "*.js"],
    languageOptions: { ecmaVersion: 2022 },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "array-callback-return": "error",
      complexity: ["error", 16],
      "default-case-last": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-cond-assign": "error",
      "no-console": "error",
      "no-constant-condition": "error",
      "no-dupe-else-if": "error",
      "no-dupe-keys": "error",
      "no-duplicate-imports": "error",
      "no-empty": "error",
      "no-eval": "error",
      "no-fallthrough": "error",
      "no-implicit-coercion": "error",
      "no-param-reassign": "error",
      "no-promise-executor-return": "off",
      "no-return-assign": "error",
      "no-self-assign": "error",
      "no-shadow": "error",
      "no-throw-literal": "error",
      "no-undef": "error",
      "no-unreachable": "error",
      "no-unused-expressions": "error",
      "no-unused-private-class-members": "error",
      "no-unused-vars": "error",
      "no-use-before-define": ["error", { functions: false, variables: false }],
      "no-useless-catch": "error",
      "no-useless-return": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-arrow-callback": "error",
      "prefer-const": "error",
      "prefer-template": "error",
      "require-await": "error",
    },
  },
  {
    files: ["custom_components/**/*.js"],
    languageOptions: { globals: readonly(browser) },
    rules: { "max-lines": ["error", 260] },
  },
  {
    files: ["tests/**/*.js"],
    languageOptions: {
      globals: readonly(["Event", "EventTarget", "Response", "setTimeout", "URL"]),
    },
  },
];
