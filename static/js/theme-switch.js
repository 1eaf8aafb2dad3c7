/* The theme: the system's, light or dark. Kept in a cookie, so that the server draws the page right at once. */
const THEMES = ["system", "light", "dark"];

class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.button = this.querySelector("button");
    this.button.addEventListener("click", () => this.choose(THEMES[(THEMES.indexOf(this.current()) + 1) % THEMES.length]));
    this.name(this.current());
  }

  current() {
    return document.documentElement.dataset.theme ?? "system";
  }

  choose(theme) {
    const root = document.documentElement;
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    const age = theme === "system" ? 0 : 31536000;
    document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax`;
    this.name(theme);
  }

  name(theme) {
    const { saySystem, sayLight, sayDark } = this.dataset;
    const label = { system: saySystem, light: sayLight, dark: sayDark }[theme];
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
  }
}

customElements.define("theme-switch", ThemeSwitch);
