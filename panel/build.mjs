/*
 * Builds the panel: node build.mjs OUTPUT [DEPFILE]
 *
 * src/page.html is the frame; the script (src/main.tsx and all it imports) and the
 * style are bundled by esbuild and put in place of its two marks. The page's own
 * content security policy names exactly these two texts by hash, so nothing else
 * runs and nothing but this origin is ever asked. A page over the budget fails the
 * build. DEPFILE lists the inputs for the build system.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const BUDGET_BYTES = 300_000;
const BUDGET_GZIP_BYTES = 95_000;

const here = dirname(fileURLToPath(import.meta.url));
const frame = join(here, 'src/page.html');
const [output, depfile] = process.argv.slice(2);
if (!output) {
    console.error('usage: node build.mjs OUTPUT [DEPFILE]');
    process.exit(2);
}

async function bundle(entry) {
    const result = await build({
        entryPoints: [join(here, entry)],
        absWorkingDir: here,
        bundle: true,
        minify: true,
        write: false,
        metafile: true,
        target: 'es2020',
        format: 'iife',
        legalComments: 'none',
        charset: 'utf8',
    });
    return {
        text: result.outputFiles[0].text.trim(),
        inputs: Object.keys(result.metafile.inputs).map((path) => resolve(here, path)),
    };
}

/* Inside <script> or <style> only its own end tag is special, and none may occur. */
function element(name, text) {
    if (text.toLowerCase().includes(`</${name}`)) {
        throw new Error(`the bundle holds "</${name}", which would end the element`);
    }
    return `<${name}>${text}</${name}>`;
}

function hashSource(text) {
    return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}

function policy(script, style) {
    return [
        `default-src 'none'`,
        `script-src ${hashSource(script)}`,
        `style-src ${hashSource(style)}`,
        `connect-src 'self'`,
        `img-src data:`,
        `base-uri 'none'`,
        `form-action 'none'`,
    ].join('; ');
}

/* Replacement texts are given as functions: "$" in a bundle is then just a "$". */
function assemble(html, parts) {
    for (const [mark, text] of Object.entries(parts)) {
        if (html.split(mark).length !== 2) {
            throw new Error(`src/page.html must hold ${mark} exactly once`);
        }
        html = html.replace(mark, () => text);
    }
    return html;
}

const script = await bundle('src/main.tsx');
const style = await bundle('src/style.css');
const page = assemble(readFileSync(frame, 'utf8'), {
    '<!-- policy -->': `<meta http-equiv="Content-Security-Policy" content="${policy(script.text, style.text)}">`,
    '<!-- style -->': element('style', style.text),
    '<!-- script -->': element('script', script.text),
});

const bytes = Buffer.from(page, 'utf8');
const gzipBytes = gzipSync(bytes, { level: 9 }).length;
console.log(`management.html: ${bytes.length} bytes, ${gzipBytes} gzipped`);
if (bytes.length > BUDGET_BYTES || gzipBytes > BUDGET_GZIP_BYTES) {
    console.error(`over the budget of ${BUDGET_BYTES} bytes, ${BUDGET_GZIP_BYTES} gzipped`);
    process.exit(1);
}
mkdirSync(dirname(resolve(output)), { recursive: true });
writeFileSync(output, bytes);
if (depfile) {
    const inputs = [frame, ...script.inputs, ...style.inputs];
    writeFileSync(
        depfile,
        `${output}: ${inputs.map((path) => path.replaceAll(' ', '\\ ')).join(' ')}\n`,
    );
}
