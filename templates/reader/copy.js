"use strict";
/* Kawaraban: a button beside every address that copies it.
   Without this script a press on an address selects it, so nothing is lost. */

async function copy(text, element) {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text);
  }
  /* Where a page came over plain http there is no clipboard but the selection's. */
  getSelection().selectAllChildren(element);
  if (!document.execCommand("copy")) {
    throw new Error("the browser does not let us");
  }
}

function addButton(address, words) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = words.copy;
  button.setAttribute("aria-label", `${words.copy}: ${address.dataset.label}`);
  const said = document.createElement("span");
  said.className = "said";
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await copy(address.textContent, address);
    } catch {
      getSelection().selectAllChildren(address);
      return;
    }
    button.textContent = said.textContent = words.copied;
    setTimeout(() => {
      button.textContent = words.copy;
      said.textContent = "";
    }, 2500);
  });
  address.after(button, said);
}

for (const list of document.querySelectorAll("[data-copy]")) {
  const words = { copy: list.dataset.copy, copied: list.dataset.copied };
  for (const address of list.querySelectorAll(".address")) {
    addButton(address, words);
  }
}
