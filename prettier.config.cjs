// As in the repositories of the OCA, but with the width of the Python code and without folding prose anew.
module.exports = {
    bracketSpacing: false,
    printWidth: 120,
    proseWrap: "preserve",
    semi: true,
    trailingComma: "es5",
    xmlWhitespaceSensitivity: "preserve",
    // Resolved here: the plugin is installed beside prettier, not in this folder.
    plugins: [require.resolve("@prettier/plugin-xml")],
};
