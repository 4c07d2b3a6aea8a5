#version 330
// Positions only: the shadow map and the depth of the picture.
uniform mat4 to_clip;
uniform vec4 to_depth; // depth along the view direction = dot(to_depth, (position, 1))
in vec3 position;
out float view_depth;
invariant gl_Position; // the surface pass meets the same depth again

void main() {
    gl_Position = to_clip * vec4(position, 1.0);
    view_depth = dot(to_depth, vec4(position, 1.0));
}
