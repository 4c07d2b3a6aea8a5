#version 330
uniform mat4 to_clip;
uniform vec4 to_depth;     // depth along the view direction = dot(to_depth, (position, 1))
uniform vec3 eye;
uniform float smoothness;  // share of smooth normals
in vec3 position;
in vec4 flat_normal;
in vec4 smooth_normal;
in vec4 colour;            // alpha: number of the material / 255
in vec2 uv;
in int layer;
out vec3 normal;
out vec2 texture_uv;
out float depth;
flat out vec4 own_colour;
flat out int texture_layer;

void main() {
    gl_Position = to_clip * vec4(position, 1.0);
    depth = dot(to_depth, vec4(position, 1.0));
    // toward the eye, whatever the winding: the same for all corners, as the eye is on one side
    float facing = dot(flat_normal.xyz, eye - position) < 0.0 ? -1.0 : 1.0;
    normal = facing * mix(flat_normal.xyz, smooth_normal.xyz, smoothness);
    texture_uv = uv;
    own_colour = colour;
    texture_layer = layer;
}
