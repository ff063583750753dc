import css from "@eslint/css";

const readonly = (/** @type {string[]} */ names) =>
  Object.fromEntries(names.map((name) => [name, "readonly"]));

const browser = [
  ..."clearTimeout customElements CustomEvent document Element fetch".split(" "),
  ..."HTMLElement KeyboardEvent navigator performance setTimeout URL window".split(" "),
];

/** Takes the styles out of a module, whose one template they are. */
const styles = {
  meta: { name: "styles", version: "1" },
  preprocess: (/** @type {string} */ text) => [
    text,
    {
      text: text.split(/= `|`;/)[1].replaceAll(/\$\{\w+\}/g, ""),
      filename: "styles.css",
    },
  ],
  postprocess: (/** @type {object[][]} */ messages) => messages.flat(),
};

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
      globals: readonly([
        ...["CustomEvent", "Event", "EventTarget", "Response", "setTimeout", "URL"],
      ]),
    },
  },
  {
    files: ["custom_components/piggy/frontend/{layout,styles}.js"],
    processor: styles,
  },
  {
    // Old tablets have Chromium 110 or Safari 16.4. They know container queries, and can
    // do without the other properties; Safari has a name of its own for two of them.
    files: ["**/*.css"],
    plugins: { css },
    language: "css/css",
    languageOptions: { tolerant: true }, // the parser does not know all of @container
    rules: {
      "css/use-baseline": [
        "error",
        {
          available: 2022,
          allowAtRules: ["container"],
          allowUnits: ["cqh", "cqmin", "cqw"],
          allowProperties: [
            ..."container-type forced-color-adjust hyphens outline".split(" "),
            "user-select",
          ],
        },
      ],
    },
  },
];
