// Before the first paint: the theme that was chosen, if one was. Else the system's stands.
(() => {
	try {
		const chosen = localStorage.getItem("theme");
		if (chosen) document.documentElement.dataset.theme = chosen;
	} catch {
		// Storage may be forbidden; the system's theme stands then.
	}
})();
