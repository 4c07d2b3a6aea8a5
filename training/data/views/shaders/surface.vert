#version 330
uniform mat4 to_clip;
in vec3 position;
in vec4 normal;
in vec4 colour;
in vec2 uv;
in int layer;
in int material;
out vec3 place;
out vec3 smooth_normal;
out vec2 texture_uv;
flat out vec3 own_colour;
flat out int texture_layer;
flat out int material_number;
invariant gl_Position;

void main() {
    gl_Position = to_clip * vec4(position, 1.0);
    place = position;
    smooth_normal = normal.xyz;
    texture_uv = uv;
    own_colour = colour.rgb;
    texture_layer = layer;
    material_number = material;
}
