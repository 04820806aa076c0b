// Makes the elements of both pages. Strings become text nodes, so what a span or an alert says is never read as HTML.
"use strict";

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// An address that is neither http nor a part of this page, such as javascript:, is shown but not linked.
function link(text, url) {
  return /^(https?:\/\/|[#.])/.test(url) ? element("a", { href: url }, text) : text;
}
