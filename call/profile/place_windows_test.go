package profile

import (
	"context"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/windows/registry"
)

// TestWindowsRegistry: what a group policy writes is read, in a user's hive,
// which a test may write where nobody has locked it. It makes no files: Wine 8
// cannot delete them as Go wants it.
func TestWindowsRegistry(t *testing.T) {
	if _, err := registry.OpenKey(registry.CURRENT_USER, registryPath, registry.READ); err == nil {
		t.Fatalf("HKCU\\%s is there already; this test would write over it", registryPath)
	}
	write := func(path string, values map[string]any) {
		t.Helper()
		k, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.ALL_ACCESS)
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		t.Cleanup(func() { _ = registry.DeleteKey(registry.CURRENT_USER, path) })
		for name, v := range values {
			switch v := v.(type) {
			case string:
				err = k.SetStringValue(name, v)
			case uint32:
				err = k.SetDWordValue(name, v)
			case []string:
				err = k.SetStringsValue(name, v)
			case []byte:
				err = k.SetBinaryValue(name, v)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	write(registryPath, map[string]any{
		"Realm": "helpline.example", "web-api": uint32(1), "text-size": uint32(125), "theme": []byte{1},
		"ice-servers": []string{`{"url":"stun:a.example"}`, `{"url":"stun:b.example"}`},
	})
	// Somebody follows: the change shows long before the poll.
	follower := NewPolicyReader(PolicyOptions{})
	follower.Read()
	ctx, cancel := context.WithCancel(t.Context())
	seen := make(chan Orders, 10)
	var wg sync.WaitGroup
	wg.Go(func() { follower.Follow(ctx, func(o Orders) { seen <- o }) })
	defer wg.Wait()
	defer cancel()
	write(registryPath+`\web-api-origins`, map[string]any{"1": "https://a.example", "2": "https://b.example"})
	write(registryPath+`\`+registryRecommended, map[string]any{"lang": "ko"})
	until := func(lang string) {
		t.Helper()
		limit := time.After(pollTime / 2)
		for {
			select {
			case o := <-seen:
				s, err := Open(Options{Path: "there-is-no-such-file.json", Lookup: vars(nil), Layers: o.Layers})
				if err == nil && s.Value(KeyLang).Text == lang {
					return
				}
			case <-limit:
				t.Fatalf("lang %q is not seen", lang)
			}
		}
	}
	until("ko")
	for _, lang := range []string{"en", "ko"} { // twice: the watch goes on
		write(registryPath+`\`+registryRecommended, map[string]any{"lang": lang})
		until(lang)
	}
	o := NewPolicyReader(PolicyOptions{}).Read()
	if got := codes(o.Faults); len(got) != 2 || !got["bad-setting theme"] || !got["policy-guarded theme"] {
		t.Errorf("faults %v", o.Faults)
	}
	s, err := Open(Options{Path: "there-is-no-such-file.json", Lookup: vars(nil), Layers: o.Layers})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[Key]struct {
		text   string
		source Source
	}{
		KeyRealm: {"helpline.example", SourceManaged}, KeyWebAPI: {"true", SourceManaged}, KeyTextSize: {"125", SourceManaged},
		KeyWebAPIOrigins: {`["https://a.example","https://b.example"]`, SourceManaged}, KeyLang: {"ko", SourceRecommended},
		KeyICEServers: {`[{"url":"stun:a.example"},{"url":"stun:b.example"}]`, SourceManaged},
	} {
		if v := s.Value(key); v.Text != want.text || v.Source != want.source {
			t.Errorf("%+v, want %+v", v, want)
		}
	}
}
