package policy

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"howett.net/plist"

	"nxphone/call/profile"
)

// admx is what a group policy editor reads of a template.
type admx struct {
	XMLName    xml.Name `xml:"http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions policyDefinitions"`
	Categories []struct {
		Name        string `xml:"name,attr"`
		DisplayName string `xml:"displayName,attr"`
	} `xml:"categories>category"`
	Supported []struct {
		Name        string `xml:"name,attr"`
		DisplayName string `xml:"displayName,attr"`
	} `xml:"supportedOn>definitions>definition"`
	Policies []admxRead `xml:"policies>policy"`
}

type admxRead struct {
	Name         string `xml:"name,attr"`
	Class        string `xml:"class,attr"`
	DisplayName  string `xml:"displayName,attr"`
	ExplainText  string `xml:"explainText,attr"`
	Presentation string `xml:"presentation,attr"`
	Key          string `xml:"key,attr"`
	ValueName    string `xml:"valueName,attr"`
	Category     struct {
		Ref string `xml:"ref,attr"`
	} `xml:"parentCategory"`
	SupportedOn struct {
		Ref string `xml:"ref,attr"`
	} `xml:"supportedOn"`
	Enabled struct {
		Value string `xml:"value,attr"`
	} `xml:"enabledValue>decimal"`
	Disabled struct {
		Value string `xml:"value,attr"`
	} `xml:"disabledValue>decimal"`
	Elements struct {
		All []struct {
			XMLName   xml.Name
			ID        string `xml:"id,attr"`
			ValueName string `xml:"valueName,attr"`
			Key       string `xml:"key,attr"`
			Min       string `xml:"minValue,attr"`
			Max       string `xml:"maxValue,attr"`
			MaxLength string `xml:"maxLength,attr"`
			Items     []struct {
				DisplayName string `xml:"displayName,attr"`
				Value       string `xml:"value>string"`
			} `xml:"item"`
		} `xml:",any"`
	} `xml:"elements"`
}

// adml is what it reads of the words.
type adml struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions policyDefinitionResources"`
	Strings []struct {
		ID   string `xml:"id,attr"`
		Text string `xml:",chardata"`
	} `xml:"resources>stringTable>string"`
	Presentations []struct {
		ID  string `xml:"id,attr"`
		All []struct {
			XMLName xml.Name
			RefID   string `xml:"refId,attr"`
		} `xml:",any"`
	} `xml:"resources>presentationTable>presentation"`
}

func readXML(t *testing.T, make func() ([]byte, error), v any) {
	t.Helper()
	text, err := make()
	if err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(string(text)))
	if err := d.Decode(v); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(); err != io.EOF {
		if tok, _ := d.Token(); tok != nil {
			t.Errorf("something stands behind the root: %v", tok)
		}
	}
}

// TestADMX reads the template back and holds it against the table: each setting
// once as an order and, where a user may set it, once as a proposal, with the
// type and bounds that the program reads at that place.
func TestADMX(t *testing.T) {
	var a admx
	readXML(t, ADMX, &a)
	byName := map[string]admxRead{}
	for _, p := range a.Policies {
		if _, twice := byName[p.Name]; twice {
			t.Errorf("%s stands twice", p.Name)
		}
		byName[p.Name] = p
	}
	n := 0
	for _, i := range profile.Keys() {
		for _, l := range levels(i) {
			n++
			p := byName[admxName(i.Key)+l.suffix]
			if p.Class != "Both" || p.Key != l.key || p.Category.Ref != l.category || p.SupportedOn.Ref != "SUPPORTED" {
				t.Errorf("%s%s: %+v", i.Key, l.suffix, p)
			}
			if i.Kind == profile.KindSwitch {
				if p.ValueName != string(i.Key) || p.Enabled.Value != "1" || p.Disabled.Value != "0" || len(p.Elements.All) != 0 {
					t.Errorf("%s: %+v", i.Key, p)
				}
				continue
			}
			if len(p.Elements.All) != 1 {
				t.Errorf("%s: %+v", i.Key, p)
				continue
			}
			e := p.Elements.All[0]
			want := map[profile.Kind]string{profile.KindText: "text", profile.KindTime: "text", profile.KindCount: "decimal", profile.KindList: "list", profile.KindRecords: "list"}[i.Kind]
			if i.Words != nil {
				want = "enum"
				var words []string
				for _, item := range e.Items {
					words = append(words, item.Value)
				}
				if !slices.Equal(words, i.Words) {
					t.Errorf("%s: %q, want %q", i.Key, words, i.Words)
				}
			}
			if e.XMLName.Local != want {
				t.Errorf("%s is a %s, want %s", i.Key, e.XMLName.Local, want)
			}
			if want == "list" {
				if e.Key != l.key+`\`+string(i.Key) {
					t.Errorf("%s: the list is at %s", i.Key, e.Key)
				}
			} else if e.ValueName != string(i.Key) {
				t.Errorf("%s: the value is %s", i.Key, e.ValueName)
			}
			if want == "decimal" && (e.Min != fmt.Sprint(i.Least) || e.Max != fmt.Sprint(i.Most)) {
				t.Errorf("%s: %s to %s", i.Key, e.Min, e.Max)
			}
		}
	}
	if len(a.Policies) != n {
		t.Errorf("%d policies for %d places", len(a.Policies), n)
	}
}

// TestADML: every text and presentation that the template names is there, in
// both languages, and no other.
func TestADML(t *testing.T) {
	var a admx
	readXML(t, ADMX, &a)
	for name, w := range map[string]language{"en-US": english(), "ko-KR": korean()} {
		var words adml
		readXML(t, func() ([]byte, error) { return ADML(w) }, &words)
		texts, shown := map[string]string{}, map[string]string{}
		for _, s := range words.Strings {
			if texts[s.ID] != "" || strings.TrimSpace(s.Text) == "" {
				t.Errorf("%s: %s is empty, or stands twice", name, s.ID)
			}
			texts[s.ID] = s.Text
		}
		for _, p := range words.Presentations {
			if len(p.All) != 1 || p.All[0].RefID != p.ID {
				t.Errorf("%s: %+v", name, p)
			}
			shown[p.ID] = p.All[0].XMLName.Local
		}
		used := map[string]bool{}
		need := func(ref string) {
			id, ok := strings.CutPrefix(ref, "$(string.")
			id, end := strings.CutSuffix(id, ")")
			if !ok || !end || texts[id] == "" {
				t.Errorf("%s: %q has no text", name, ref)
			}
			used[id] = true
		}
		for _, c := range a.Categories {
			need(c.DisplayName)
		}
		for _, d := range a.Supported {
			need(d.DisplayName)
		}
		boxes := map[string]string{"text": "textBox", "decimal": "decimalTextBox", "list": "listBox", "enum": "dropdownList"}
		for _, p := range a.Policies {
			need(p.DisplayName)
			need(p.ExplainText)
			for _, e := range p.Elements.All {
				if p.Presentation != "$(presentation."+e.ID+")" || shown[e.ID] != boxes[e.XMLName.Local] {
					t.Errorf("%s: %s is shown as %q", name, p.Name, shown[e.ID])
				}
				for _, item := range e.Items {
					need(item.DisplayName)
				}
			}
		}
		if len(used) != len(texts) {
			t.Errorf("%s: %d texts, %d are used", name, len(texts), len(used))
		}
	}
	var ko adml
	readXML(t, func() ([]byte, error) { return ADML(korean()) }, &ko)
	for _, s := range ko.Strings {
		if strings.HasSuffix(s.ID, "_explain") && !strings.ContainsFunc(s.Text, func(r rune) bool { return r >= '가' && r <= '힣' }) {
			t.Errorf("%s is not Korean: %s", s.ID, s.Text)
		}
	}
}

// TestMacOS: the pattern holds every setting as the program takes it, and the
// manifest knows every key.
func TestMacOS(t *testing.T) {
	text, err := Preferences()
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if _, err := plist.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	l, err := profile.ParsePreferences("pattern", text)
	if err != nil {
		t.Errorf("%v", err)
	}
	store, err := profile.Open(profile.Options{PolicyOnly: true, Layers: []profile.Layer{l}})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range profile.Keys() {
		raw, err := profile.JSON(i.Key, i.Example)
		if err != nil {
			t.Fatal(err)
		}
		got, err := profile.JSON(i.Key, store.Value(i.Key).Text)
		if err != nil || string(got) != string(raw) {
			t.Errorf("%s: %s, want %s", i.Key, got, raw)
		}
	}
	if text, err = Manifest(); err != nil {
		t.Fatal(err)
	}
	var m struct {
		Domain string `plist:"pfm_domain"`
		Keys   []struct {
			Name string `plist:"pfm_name"`
			Type string `plist:"pfm_type"`
		} `plist:"pfm_subkeys"`
	}
	if _, err := plist.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if m.Domain != profile.PreferencesDomain || len(m.Keys) != len(profile.Keys()) {
		t.Errorf("%s with %d keys", m.Domain, len(m.Keys))
	}
	for n, i := range profile.Keys() {
		want := map[profile.Kind]string{profile.KindSwitch: "boolean", profile.KindCount: "integer", profile.KindList: "array", profile.KindRecords: "array"}[i.Kind]
		if want == "" {
			want = "string"
		}
		if m.Keys[n].Name != string(i.Key) || m.Keys[n].Type != want {
			t.Errorf("%+v, want %s as %s", m.Keys[n], i.Key, want)
		}
	}
}
