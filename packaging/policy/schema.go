package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"nxphone/call/profile"
)

// schemaID names the schema; it is no address to be fetched.
const schemaID = "urn:nxphone:settings"

// object is a JSON object that keeps its order.
type object []entry

type entry struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, v := range []any{m.name, m.value} {
			if j > 0 {
				b.WriteByte(':')
			}
			text, err := plain(v)
			if err != nil {
				return nil, err
			}
			b.Write(text)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// plain is JSON in which "&" and "<" stay what they are, for people.
func plain(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// Schema is the JSON Schema (2020-12) of settings.json, of policy files and of
// both parts of a provisioned document. Each description is English, then
// Korean. What the schema language cannot say (a bound on a length of time,
// that a name stands twice) the program checks alone: the schema never refuses
// what the program takes.
func Schema() ([]byte, error) {
	properties := object{{"$schema", object{
		{"description", "For editors; the program passes it over.\n편집기를 위한 것이며 프로그램은 읽지 않습니다."}, {"type", "string"},
	}}}
	for _, i := range profile.Keys() {
		p, err := property(i)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i.Key, err)
		}
		properties = append(properties, entry{string(i.Key), p})
	}
	text, err := plain(object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", schemaID},
		{"title", "nxphone"},
		{"description", "Settings of nxphone: settings.json of a user, and policies of an organisation.\nnxphone의 설정. 사용자의 settings.json과 기관의 정책에 함께 쓰입니다."},
		{"type", "object"},
		{"properties", properties},
		{"additionalProperties", false},
	})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return []byte(strings.NewReplacer("\x7f", `\u007f`, "\u009f", `\u009f`).Replace(out.String())), nil
}

func property(i profile.Info) (object, error) {
	p := object{{"description", description(i)}}
	switch i.Kind {
	case profile.KindText:
		p = append(p, text(i.Pattern, i.Longest, i.Words)...)
	case profile.KindSwitch:
		p = append(p, entry{"type", "boolean"})
	case profile.KindCount:
		p = append(p, entry{"type", "integer"}, entry{"minimum", i.Least}, entry{"maximum", i.Most})
	case profile.KindTime:
		p = append(p, text(i.Pattern, 0, nil)...)
	case profile.KindList:
		p = append(p, entry{"type", "array"}, entry{"items", text(i.Pattern, 0, nil)})
	case profile.KindRecords:
		p = append(p, records(i.Key)...)
	}
	for _, v := range []struct{ name, text string }{{"default", i.Default}, {"examples", i.Example}} {
		raw, err := profile.JSON(i.Key, v.text)
		if err != nil {
			return nil, err
		}
		if v.name == "examples" {
			p = append(p, entry{v.name, []json.RawMessage{raw}})
		} else {
			p = append(p, entry{v.name, raw})
		}
	}
	marks := object{}
	for _, m := range []struct {
		name string
		on   bool
	}{{"flag", i.Flag}, {"policyOnly", i.PolicyOnly}, {"secret", i.Sensitive}, {"thisComputer", i.Local}} {
		if m.on {
			marks = append(marks, entry{m.name, true})
		}
	}
	if len(marks) > 0 {
		p = append(p, entry{"x-nxphone", marks})
	}
	return p, nil
}

// description is the key's sentence and its values, in English and in Korean.
func description(i profile.Info) string {
	text := sentence(i.Doc)
	switch {
	case i.Values == "text", i.Kind == profile.KindSwitch, i.Kind == profile.KindRecords, i.Kind == profile.KindList:
	default:
		text += " (" + i.Values + ")"
	}
	return text + "\n" + i.Korean
}

// sentence begins with a capital letter.
func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// text is what a string must be.
func text(pattern string, longest int, words []string) object {
	t := object{{"type", "string"}}
	if words != nil {
		t = append(t, entry{"enum", append([]string{""}, words...)})
	}
	if pattern != "" {
		t = append(t, entry{"pattern", pattern})
	}
	if longest > 0 {
		t = append(t, entry{"maxLength", longest})
	}
	return t
}

func records(k profile.Key) object {
	members, most := profile.Members(k)
	properties, required := object{}, []string{}
	for _, m := range members {
		properties = append(properties, entry{m.Name, text(m.Pattern, m.Longest, nil)})
		if m.Required {
			required = append(required, m.Name)
		}
	}
	out := object{{"type", "array"}, {"items", object{
		{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false},
	}}}
	if most > 0 {
		out = append(out, entry{"maxItems", most})
	}
	return out
}
