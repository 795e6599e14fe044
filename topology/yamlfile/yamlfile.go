// Package yamlfile reads YAML strictly: unknown and repeated keys are refused, units are required, and every problem of
// a file is reported at once as file:line:col with what would be right. Topology and scenario files are read with it.
package yamlfile
