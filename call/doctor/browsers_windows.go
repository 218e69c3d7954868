package doctor

import "golang.org/x/sys/windows/registry"

// SystemBrowsers are the browsers of this computer, with what their policies
// say: Chrome's and Edge's stand in the registry, each list as values of a key
// of its own. root means nothing here.
func SystemBrowsers(string) []Browser {
	var all []Browser
	for _, b := range []struct{ name, exe, policies string }{
		{"Google Chrome", "chrome.exe", `SOFTWARE\Policies\Google\Chrome`},
		{"Microsoft Edge", "msedge.exe", `SOFTWARE\Policies\Microsoft\Edge`},
	} {
		if !there(`SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\` + b.exe) {
			continue
		}
		out := Browser{Name: b.name, Engine: "chromium"}
		for _, hive := range []registry.Key{registry.LOCAL_MACHINE, registry.CURRENT_USER} {
			for _, name := range []string{"LoopbackNetwork", "LocalNetworkAccess"} {
				out.Allowed = append(out.Allowed, values(hive, b.policies+`\`+name+"AllowedForUrls")...)
				out.Blocked = append(out.Blocked, values(hive, b.policies+`\`+name+"BlockedForUrls")...)
			}
			out.Open = out.Open || number(hive, b.policies, "LocalNetworkAccessRestrictionsTemporaryOptOut") == 1
		}
		all = append(all, out)
	}
	return all
}

func there(path string) bool {
	for _, hive := range []registry.Key{registry.LOCAL_MACHINE, registry.CURRENT_USER} {
		if k, err := registry.OpenKey(hive, path, registry.QUERY_VALUE); err == nil {
			_ = k.Close()
			return true
		}
	}
	return false
}

func values(hive registry.Key, path string) []string {
	k, err := registry.OpenKey(hive, path, registry.QUERY_VALUE)
	if err != nil {
		return nil
	}
	defer k.Close()
	names, err := k.ReadValueNames(0)
	if err != nil {
		return nil
	}
	var all []string
	for _, n := range names {
		if v, _, err := k.GetStringValue(n); err == nil {
			all = append(all, v)
		}
	}
	return all
}

func number(hive registry.Key, path, name string) uint64 {
	k, err := registry.OpenKey(hive, path, registry.QUERY_VALUE)
	if err != nil {
		return 0
	}
	defer k.Close()
	v, _, err := k.GetIntegerValue(name)
	if err != nil {
		return 0
	}
	return v
}
