import { fileURLToPath } from "node:url";
import jsdoc from "eslint-plugin-jsdoc";
import tseslint from "typescript-eslint";

export default tseslint.config(
  // What benches/peers imports is installed by `cargo xtask peers` only, so there are no types to check it by.
  { ignores: ["node_modules/", "target/", "pkg/", "dist/", "www/vendor/", "test-results/", "**/*.d.ts", "benches/peers/"] },
  tseslint.configs.base,
  jsdoc.configs["flat/recommended-typescript-flavor-error"],
  {
    files: ["**/*.js"],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.page.json", "./tsconfig.worker.json", "./tsconfig.tests.json"],
        tsconfigRootDir: fileURLToPath(new URL(".", import.meta.url)),
      },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "eqeqeq": "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-unused-vars": "error",
      "no-shadow": "error",
      "default-case-last": "error",
      "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "Export by name." }],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/await-thenable": "error",
      // The types say it already; a description that repeats the name teaches nothing.
      "jsdoc/require-param-description": "off",
      "jsdoc/require-returns-description": "off",
      "jsdoc/require-property-description": "off",
      "jsdoc/require-jsdoc": ["error", { publicOnly: true, require: { ClassDeclaration: true, MethodDefinition: false } }],
      "jsdoc/tag-lines": "off",
    },
  },
  {
    files: ["tests/**/*.js"],
    rules: {
      // node:test waits for its tests itself; stand-ins have few of the members that the real thing has.
      "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: [{ from: "package", name: "test", package: "node:test" }] }],
      "jsdoc/reject-any-type": "off",
    },
  },
  // Configuration files export what their tool asks for.
  { files: ["*.config.js"], rules: { "no-restricted-syntax": "off" } },
);
