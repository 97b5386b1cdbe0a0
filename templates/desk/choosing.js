// A list to choose from: one box for all of its page. Without this each has its own, as before.
"use strict";
const form = document.querySelector("form.choosing");
const boxes = form ? [...form.querySelectorAll('input[name="post"]')] : [];
const all = form && form.querySelector(".choose-all");
if (all && boxes.length > 1) {
  const box = all.querySelector("input");
  const count = () => {
    const chosen = boxes.filter((one) => one.checked).length;
    box.checked = chosen === boxes.length;
    box.indeterminate = chosen > 0 && !box.checked;
  };
  box.addEventListener("change", () => boxes.forEach((one) => { one.checked = box.checked; }));
  form.addEventListener("change", count);
  all.hidden = false;
  count();
}
