package krm

import "go.yaml.in/yaml/v3"

// Resource is one resource of a list; what is not changed keeps its comments.
type Resource struct{ node *yaml.Node }

// String is the text at a path, empty where there is none.
func (resource *Resource) String(path ...string) string {
	found := resource.find(path...)
	if found == nil || found.Kind != yaml.ScalarNode {
		return ""
	}
	return found.Value
}

// Decode reads the value at a path into a variable; it leaves it where there is none.
func (resource *Resource) Decode(into any, path ...string) error {
	found := resource.find(path...)
	if found == nil {
		return nil
	}
	return found.Decode(into)
}

// Set writes a value at a path, and makes the path.
func (resource *Resource) Set(value any, path ...string) {
	node := resource.node
	for _, name := range path {
		next := entry(node, name)
		if next == nil {
			next = &yaml.Node{}
			node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, next)
		}
		if node.Kind != yaml.MappingNode {
			node.Kind, node.Tag, node.Value = yaml.MappingNode, "!!map", ""
		}
		node = next
	}
	var written yaml.Node
	if err := written.Encode(value); err != nil {
		// Only a value that no YAML can hold, which is a mistake in the function.
		panic(err)
	}
	written.LineComment = node.LineComment
	*node = written
}

func (resource *Resource) find(path ...string) *yaml.Node {
	node := resource.node
	for _, name := range path {
		if node = entry(node, name); node == nil {
			return nil
		}
	}
	return node
}

func entry(node *yaml.Node, name string) *yaml.Node {
	for index := 0; node.Kind == yaml.MappingNode && index+1 < len(node.Content); index += 2 {
		if node.Content[index].Value == name {
			return node.Content[index+1]
		}
	}
	return nil
}
