package policy

import (
	"bytes"
	"encoding/json"
	"testing"

	// Reads all of 2020-12, has no dependency but x/text, and is what most Go
	// programs validate with. It is linked into tests only.
	"github.com/santhosh-tekuri/jsonschema/v6"

	"nxphone/call/profile"
)

func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schemaID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// accepts says whether the schema takes a policy with one key of this value.
func accepts(t testing.TB, s *jsonschema.Schema, k profile.Key, raw json.RawMessage) error {
	t.Helper()
	text, err := json.Marshal(map[profile.Key]json.RawMessage{k: raw})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

// TestSchemaIsOne: the schema itself is right, by the schema of schemas.
func TestSchemaIsOne(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	meta, err := jsonschema.NewCompiler().Compile("https://json-schema.org/draft/2020-12/schema")
	if err != nil {
		t.Fatal(err)
	}
	if err := meta.Validate(doc); err != nil {
		t.Error(err)
	}
}

// TestSchemaTakes: the default and the example of every key.
func TestSchemaTakes(t *testing.T) {
	s := compiled(t)
	for _, i := range profile.Keys() {
		for _, text := range []string{i.Default, i.Example} {
			raw, err := profile.JSON(i.Key, text)
			if err != nil {
				t.Fatalf("%s: %v", i.Key, err)
			}
			if err := accepts(t, s, i.Key, raw); err != nil {
				t.Errorf("%s = %s: %v", i.Key, raw, err)
			}
		}
	}
	doc, _ := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(`{"$schema":"schema.json","lang":"ko"}`)))
	if err := s.Validate(doc); err != nil {
		t.Error(err)
	}
}

// TestSchemaRefuses: slips of the pen that an editor should underline.
func TestSchemaRefuses(t *testing.T) {
	s := compiled(t)
	for _, c := range []struct {
		key profile.Key
		raw string
	}{
		{"relam", `"helpline.example"`}, {profile.KeyRealm, `17`}, {profile.KeyRealm, `null`}, {profile.KeyRealm, `"a\nb"`},
		{profile.KeyLang, `"fr"`}, {profile.KeyRegister, `"true"`}, {profile.KeyTextSize, `99`}, {profile.KeyTextSize, `"100"`}, {profile.KeyTextSize, `100.5`},
		{profile.KeyRestMinutes, `121`}, {profile.KeyKioskIdle, `60`}, {profile.KeyKioskIdle, `"soon"`}, {profile.KeyKioskSilence, `"-1s"`},
		{profile.KeyWebAPIOrigins, `"https://a.example"`}, {profile.KeyWebAPIOrigins, `["https://a.example/"]`}, {profile.KeyWebAPIOrigins, `["*"]`},
		{profile.KeySpeedDials, `[{"name":"a"}]`}, {profile.KeySpeedDials, `[{"name":"","tel":"1"}]`}, {profile.KeySpeedDials, `[{"name":"a","tel":"kim"}]`},
		{profile.KeySpeedDials, `[{"name":"a","number":"1"}]`}, {profile.KeyICEServers, `[{"url":"http://a"}]`}, {profile.KeyICEServers, `[{"ulr":"stun:a"}]`},
		{profile.KeySIPHeaders, `[{"name":"a b","value":""}]`}, {profile.KeyPushHeader, `"a b"`}, {profile.KeyEchoNumber, `"sip:1"`}, {profile.KeyRecentCalls, `"366"`},
		{profile.KeyRecentCalls, `"0"`}, {profile.KeyHelpURL, `"ftp://a"`}, {profile.KeyKioskPIN, `"1234"`}, {profile.KeyKioskSelfTest, `"24:00"`},
		{profile.KeyKioskHealth, `"0.0.0.0:80"`}, {profile.KeyKioskHealth, `"localhost:80"`}, {profile.KeyHotkeyMute, `"Ctrl+"`}, {profile.KeyPresentedNumber, `"` + string(bytes.Repeat([]byte("1"), 41)) + `"`},
	} {
		if accepts(t, s, c.key, json.RawMessage(c.raw)) == nil {
			t.Errorf("the schema takes %s = %s", c.key, c.raw)
		}
		if _, err := profile.ParsePolicy("p.json", []byte(`{"`+string(c.key)+`":`+c.raw+`}`)); err == nil {
			t.Errorf("the program takes %s = %s", c.key, c.raw)
		}
	}
}

// FuzzSchema looks for a value that the program takes and the schema refuses.
func FuzzSchema(f *testing.F) {
	s := compiled(f)
	keys := profile.Keys()
	for n, i := range keys {
		f.Add(uint(n), i.Example)
		f.Add(uint(n), i.Default)
	}
	f.Fuzz(func(t *testing.T, n uint, text string) {
		k := keys[n%uint(len(keys))].Key
		raw, err := profile.JSON(k, text)
		if err != nil {
			return // the program refuses it
		}
		if err := accepts(t, s, k, raw); err != nil {
			t.Errorf("the program takes %s = %s, the schema does not: %v", k, raw, err)
		}
	})
}
