package vuelo

import "fmt"

// Config is the value of a key that the options declare. There is none for a key
// without a value, an undeclared key and a secret.
func Config(key string) (string, bool) {
	importConfigGet(key, result())
	return both(memory.optionalText)
}

// RequireConfig is [Config] for a key that must have a value.
func RequireConfig(key string) (string, error) {
	value, ok := Config(key)
	if !ok {
		return "", fmt.Errorf("%s has no value", key)
	}
	return value, nil
}

// Secret is a value that a scenario can use and not read.
type Secret struct{ *resource }

// ConfigSecret is the value of a declared secret; nil where it has none.
func ConfigSecret(key string) *Secret {
	importConfigGetSecret(key, result())
	return lifted(func(at memory) *Secret {
		if !at.is(0) {
			return nil
		}
		return &Secret{own(at.handle(4), importSecretDrop)}
	})
}
