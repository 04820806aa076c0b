// Renders the part of Markdown that docs/runbook.md uses: headings, paragraphs, lists, bold, code and links.
"use strict";

const ITEM = /^(?:\d+\.|-) /m;
const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)]+)\)/g;

function inline(text) {
  const parts = [];
  let read = 0;
  for (const match of text.matchAll(INLINE)) {
    parts.push(text.slice(read, match.index));
    read = match.index + match[0].length;
    const [, code, bold, words, target] = match;
    if (code) parts.push(element("code", {}, code));
    else if (bold) parts.push(element("strong", {}, bold));
    else if (/^(https?:|#)/.test(target)) parts.push(link(words, target));
    else {
      // A file of the repository, which is not served here.
      const file = new URL(target, "http://repository/docs/").pathname.slice(1);
      parts.push(file.endsWith("/" + words) ? file : words + " (" + file + ")");
    }
  }
  return [...parts, text.slice(read)];
}

function block(text) {
  const heading = /^(#+) (.+)$/.exec(text);
  if (heading) {
    // The anchor that GitHub would make.
    return element("h" + heading[1].length, { id: heading[2].toLowerCase().replaceAll(" ", "-") }, ...inline(heading[2]));
  }
  if (text.search(ITEM) !== 0) return element("p", {}, ...inline(text.replaceAll("\n", " ")));
  const items = text.split(ITEM).slice(1);
  return element(
    text.startsWith("-") ? "ul" : "ol",
    {},
    ...items.map((one) => element("li", {}, ...inline(one.trim().replace(/\s*\n\s*/g, " ")))),
  );
}

async function show() {
  const article = document.getElementById("runbook");
  const answer = await fetch("../user/runbook.md");
  if (!answer.ok) {
    article.append("Prometheus answers " + answer.status + " for the runbook.");
    return;
  }
  const blocks = (await answer.text()).trim().split(/\n{2,}/).map(block);
  const alerts = blocks.filter((one) => one.tagName === "H3").map((one) => link(one.textContent, "#" + one.id));
  const toc = element("ul", { class: "toc" }, ...alerts.map((one) => element("li", {}, one)));
  article.append(...blocks.slice(0, 2), toc, ...blocks.slice(2));
  // The anchor did not exist when the browser looked for it.
  if (location.hash) location.replace(location.hash);
}
show();
