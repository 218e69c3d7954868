package profile

import (
	"encoding/json"
	"errors"
)

// CodeNotProvisioned: a document of the organisation's server has a setting that
// belongs to one computer.
const CodeNotProvisioned Code = "not-provisioned"

// Provisioned makes layers of a document of the organisation's server: managed
// are its orders, recommended its proposals; origin names it. For the order of
// layers they come before those of the machine's policies.
//
// Settings that belong to one computer ([Info].Local: who may give orders, files
// with secrets, the log) are not taken from a server, and the kiosk's from its
// orders only. The collector of the fleet's telemetry is one that a server may
// name: it is the fleet's, and only an import by a user must not.
//
// refused is why the document should not be taken at all, nil for nothing:
// settings that are wrong or not a server's to give. unknown are settings of
// another version of the program, which are passed over. Of a refused document
// the layers hold what is right, and hold (see [PolicyReader]) what is not: one
// that has been in force stays so under a program that is stricter.
func Provisioned(origin string, managed, recommended json.RawMessage) (layers []Layer, refused, unknown error) {
	var faults, strange []error
	for _, part := range []struct {
		name   string
		source Source
		raw    json.RawMessage
	}{{"recommended", SourceRecommended, recommended}, {"managed", SourceProvisioned, managed}} {
		at := origin + "#" + part.name
		doc, err := parseDocument(at, part.raw)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		for _, f := range fields() {
			if f.Local && f.Key != KeyTelemetryURL && doc.remove(string(f.Key)) {
				faults = append(faults, &Error{Code: CodeNotProvisioned, Key: f.Key, Source: at})
			}
		}
		l, wrong, err := doc.layerAndWrong(part.source, at, nil)
		faults = append(faults, err)
		strange = append(strange, doc.unknown(at, nil))
		l.served = true
		if part.source == SourceProvisioned {
			for _, k := range wrong {
				if l.held == nil {
					l.held = map[Key]string{}
				}
				l.held[k] = at
				if text, ok := guards()[k]; ok {
					l.put(k, text, at)
				}
			}
		}
		layers = append(layers, l)
	}
	return layers, errors.Join(faults...), errors.Join(strange...)
}

// Lost is what holds in the place of a document that was in force and cannot be
// read any more, until there is another: it opens nothing that it may have
// locked, as a [PolicyReader] has it. The error is for a person.
func Lost(origin string) (Layer, error) {
	l := Layer{Source: SourceProvisioned, everything: origin, served: true}
	for k, text := range guards() {
		l.put(k, text, origin)
	}
	return l, &Error{Code: CodePolicyGuarded, Source: origin}
}

// remove takes a member away and reports whether it was there.
func (d *document) remove(name string) bool {
	for i, m := range d.members {
		if m.name == name {
			d.members = append(d.members[:i:i], d.members[i+1:]...)
			return true
		}
	}
	return false
}
