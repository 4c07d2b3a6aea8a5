#version 330
// Positions only, for the shadow map.
uniform mat4 to_clip;
in vec3 position;

void main() { gl_Position = to_clip * vec4(position, 1.0); }
