internal import Access
internal import Crypto

/// The page at `/docs`: shows `/openapi.json` to people, with nothing that comes from elsewhere.
enum DocumentationPage {
    /// Only this style and this script, and nothing to be fetched but the description.
    /// Source: Content Security Policy Level 3.
    static let contentSecurityPolicy =
        "default-src 'none'; connect-src 'self'; style-src '\(hash(of: style))'; script-src '\(hash(of: script))'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    static let html = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>KEE API</title>
        <style>\(style)</style>
        </head>
        <body>
        <header><h1>KEE API</h1><p id="about">Loading the description ...</p></header>
        <nav id="contents"></nav>
        <main id="operations"></main>
        <noscript>This page needs JavaScript. The description itself is at <a href="openapi.json">openapi.json</a>.</noscript>
        <script>\(script)</script>
        </body>
        </html>

        """

    private static func hash(of text: String) -> String {
        let digest = Base64URL.encode(Array(SHA256.hash(data: Array(text.utf8))))
        let base64 = digest.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        return "sha256-\(String(base64))="
    }

    private static let style = """

        :root { color-scheme: light dark; --line: #8884; --dim: #888; --accent: #2a6fdb; }
        body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
        h1 { margin-bottom: 0; }
        h2 { font-size: 1.05rem; margin: 0; font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
        nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-family: ui-monospace, monospace; font-size: .85rem; }
        a { color: var(--accent); }
        section { border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: 1rem; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; }
        th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; }
        code, pre { font-family: ui-monospace, monospace; font-size: .85rem; }
        pre { background: #8881; overflow-x: auto; padding: .6rem; border-radius: .3rem; }
        .dim { color: var(--dim); }

        """

    /// Everything is put in as text, never as HTML.
    private static let script = """

        "use strict";
        const make = (name, text, parent) => {
          const element = document.createElement(name);
          if (text !== undefined) element.textContent = text;
          if (parent) parent.append(element);
          return element;
        };
        const resolve = (spec, value) => value && value.$ref
          ? value.$ref.slice(2).split("/").reduce((part, key) => part[key], spec) : value;
        const schemaText = (spec, schema) => {
          schema = schema || {};
          if (schema.$ref) return schema.$ref.split("/").pop();
          if (schema.enum) return schema.enum.join(" | ");
          if (schema.type === "array") return schemaText(spec, schema.items) + ", can be repeated";
          const bounds = [];
          if (schema.minimum !== undefined) bounds.push("from " + schema.minimum);
          if (schema.maximum !== undefined) bounds.push("to " + schema.maximum);
          if (schema.default !== undefined) bounds.push("default " + schema.default);
          return [[].concat(schema.type || "any").join(" or "), ...bounds].join(", ");
        };
        const exampleOf = (parameter) => {
          if (parameter.example !== undefined) return parameter.example;
          const first = Object.values(parameter.examples || {})[0];
          return first && first.value;
        };
        const row = (table, cells, kind) => {
          const line = make("tr", undefined, table);
          for (const cell of cells) make(kind || "td", cell, line);
        };
        const show = (spec, path, method, operation) => {
          const section = make("section");
          section.id = operation.operationId;
          make("h2", method.toUpperCase() + " " + path, section);
          make("p", operation.summary, section);
          if (operation.description !== operation.summary) make("p", operation.description, section);
          let url = path;
          const parameters = operation.parameters || [];
          for (const one of parameters.filter((one) => one.in === "path")) {
            url = url.replace("{" + one.name + "}", encodeURIComponent(exampleOf(one)));
          }
          make("pre", "curl -A docs '" + location.origin + url + "'", section);
          if (parameters.length) {
            const table = make("table", undefined, section);
            row(table, ["parameter", "means", "values", "for example"], "th");
            for (const one of parameters) {
              const example = exampleOf(one);
              row(table, [one.name + (one.in === "path" ? " (path)" : ""), one.description,
                schemaText(spec, one.schema), example === undefined ? "" : [].concat(example).join(", ")]);
            }
          }
          const answers = make("table", undefined, section);
          row(answers, ["status", "means", "form"], "th");
          for (const [status, named] of Object.entries(operation.responses)) {
            const answer = resolve(spec, named);
            row(answers, [status, answer.description, Object.keys(answer.content || {}).join(", ")]);
            for (const media of Object.values(answer.content || {})) {
              if (media.example === undefined) continue;
              const text = typeof media.example === "string" ? media.example : JSON.stringify(media.example, null, 2);
              make("pre", text, section);
            }
          }
          return section;
        };
        fetch("openapi.json").then((answer) => answer.json()).then((spec) => {
          document.getElementById("about").textContent = spec.info.summary + " " + spec.info.description;
          const contents = document.getElementById("contents");
          const operations = document.getElementById("operations");
          for (const [path, methods] of Object.entries(spec.paths)) {
            for (const [method, operation] of Object.entries(methods)) {
              const link = make("a", path, contents);
              link.href = "#" + operation.operationId;
              operations.append(show(spec, path, method, operation));
            }
          }
        }).catch((error) => {
          document.getElementById("about").textContent = "The description could not be loaded: " + error.message;
        });

        """
}
