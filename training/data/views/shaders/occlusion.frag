#version 330
// Ambient occlusion from the depth picture: how much of the hemisphere over a point is blocked by
// what the picture shows near it (after McGuire et al., "The Alchemy Screen-Space Ambient
// Obscurance Algorithm", 2011).
uniform sampler2D depths; // depth along the view direction, 0 where nothing is; twice as wide
uniform vec4 window;      // centre x, y and half side on the unit plane, side in pixels
uniform float radius;     // in object units
out float visible;

const int SAMPLES = 12;

vec3 position_at(ivec2 pixel) {
    float depth = texelFetch(depths, pixel * 2, 0).r;
    vec2 plane = (vec2(pixel) + 0.25) / window.w * 2.0 - 1.0;
    return vec3(window.xy + vec2(plane.x, -plane.y) * window.z, 1.0) * depth;
}

// The difference to the neighbour on the side where the surface goes on.
vec3 step_along(ivec2 pixel, ivec2 to, vec3 here) {
    vec3 after = position_at(pixel + to), before = position_at(pixel - to);
    if (after.z == 0.0) after = vec3(1e3);
    if (before.z == 0.0) before = vec3(-1e3);
    return abs(after.z - here.z) < abs(here.z - before.z) ? after - here : here - before;
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec3 here = position_at(pixel);
    visible = 1.0;
    if (here.z > 0.0) {
        vec3 across = cross(step_along(pixel, ivec2(1, 0), here), step_along(pixel, ivec2(0, 1), here));
        vec3 normal = normalize(across + vec3(0.0, 0.0, -1e-12));
        if (normal.z > 0.0) normal = -normal;
        float reach = radius / (here.z * window.z) * window.w * 0.5;
        float turn = 1.7 * float((pixel.x & 1) + 2 * (pixel.y & 1));
        float blocked = 0.0;
        for (int i = 0; i < SAMPLES; i++) {
            float share = (float(i) + 0.5) / float(SAMPLES);
            float angle = share * 31.4159 + turn;
            ivec2 to = pixel + ivec2(share * reach * vec2(cos(angle), sin(angle)));
            vec3 other = position_at(clamp(to, ivec2(0), ivec2(window.w - 1.0)));
            vec3 ray = other - here;
            float near = max(0.0, 1.0 - dot(ray, ray) / (radius * radius * 2.0));
            float rise = max(0.0, dot(ray, normal) - 0.004) / (length(ray) + 0.01);
            blocked += other.z > 0.0 ? near * rise : 0.0;
        }
        visible = max(0.0, 1.0 - 2.2 * blocked / float(SAMPLES));
    }
}
