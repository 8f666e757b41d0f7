export {};
document.documentElement.dataset.script = "ran";
