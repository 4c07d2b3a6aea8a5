#version 330
// What is seen, before light: many small triangles are drawn here, so it must be cheap.
uniform sampler2DArray textures;
in vec3 normal;
in vec2 texture_uv;
in float depth;
flat in vec4 own_colour;
flat in int texture_layer;
layout(location = 0) out vec4 albedo; // alpha: number of the material / 255
layout(location = 1) out vec4 facing;
layout(location = 2) out float distance_forward;

void main() {
    vec3 sampled = texture(textures, vec3(texture_uv, float(max(texture_layer, 0)))).rgb;
    albedo = vec4(texture_layer < 0 ? own_colour.rgb : sampled, own_colour.a);
    facing = vec4(normalize(normal) * 0.5 + 0.5, 1.0);
    distance_forward = depth;
}
