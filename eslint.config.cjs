// What the OCA asks of JavaScript, as far as it is about mistakes; prettier sees to the form.
const globals = require("globals");
const js = require("@eslint/js");

module.exports = [
    js.configs.recommended,
    {
        languageOptions: {ecmaVersion: 2024, sourceType: "module", globals: {...globals.browser, odoo: "readonly"}},
        linterOptions: {reportUnusedDisableDirectives: "error"},
        rules: {
            "array-callback-return": "error",
            "block-scoped-var": "error",
            eqeqeq: ["error", "always", {null: "ignore"}],
            "guard-for-in": "error",
            "no-alert": "error",
            "no-caller": "error",
            "no-console": "error",
            "no-eval": "error",
            "no-implied-eval": "error",
            "no-return-assign": "error",
            "no-self-compare": "error",
            "no-shadow": "error",
            "no-throw-literal": "error",
            "no-unused-expressions": "error",
            "no-use-before-define": ["error", {functions: false}],
            "no-useless-concat": "error",
            "no-var": "error",
            "prefer-const": "error",
            radix: "error",
        },
    },
    {files: ["**/*.cjs"], languageOptions: {sourceType: "commonjs", globals: globals.node}},
];
