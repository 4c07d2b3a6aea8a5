#version 330
// Light on what is seen: pattern, lamps of which one has a shadow, an environment of gradients.
const int LIGHTS = 3;
const int MATERIALS = 8;
const int ROWS = 7;
const int NOISE = 32;

uniform sampler2D albedos;
uniform sampler2D normals;
uniform sampler2D depths;
uniform sampler3D noise;
uniform sampler2DShadow shadow;
uniform sampler2D occlusion;
uniform vec4 materials[MATERIALS * ROWS]; // appearance.Material.rows
uniform vec4 lights[LIGHTS * 2];          // direction toward the light, colour
uniform vec4 environment[4];              // axis, upper, lower and horizon colour
uniform mat4 to_shadow;
uniform vec3 eye;
uniform mat3 axes;            // right, up and forward of the camera
uniform vec4 window;          // centre x, y and half side on the unit plane, side in samples
uniform vec2 exposure;        // factor, strength of the occlusion
uniform float shadow_spread;  // radius of the soft edge of the shadow, in texels
out vec4 picture;

vec3 to_linear(vec3 c) { return c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878); }

vec3 environment_toward(vec3 d, float rough) {
    float height = dot(d, environment[0].xyz);
    float width = 0.06 + rough;
    vec3 sky = mix(environment[2].rgb, environment[1].rgb, smoothstep(-width, width, height));
    sky += environment[3].rgb * exp(-height * height / (0.03 + rough * rough));
    vec4 clutter = texture(noise, d * 0.07 + environment[0].xyz);
    return sky * mix(0.25 + 1.5 * smoothstep(0.35, 0.65, clutter.r), 1.0, min(1.0, rough * 2.0));
}

// Without the creases of linear interpolation between the texels.
vec4 smooth_noise(vec3 p) {
    vec3 at = p * float(NOISE) - 0.5, cell = floor(at), share = at - cell;
    return texture(noise, (cell + share * share * (3.0 - 2.0 * share) + 0.5) / float(NOISE));
}

// Share of colour B: bands along a line, around an axis or of warped noise, or checks.
float pattern(vec3 p, int m, float footprint) {
    vec4 along = materials[m + 2], around = materials[m + 3], shift = materials[m + 4];
    vec4 shape = materials[m + 5]; // noise scale, softness, checks, duty
    float grain = smooth_noise(p * shape.x + shift.xyz).r
                + 0.5 * smooth_noise(p * shape.x * 2.1 + shift.yzx).g - 0.75;
    vec3 q = p - shift.xyz * 0.5;
    float radius = length(q - dot(q, around.xyz) * around.xyz);
    float line = dot(along.xyz, p) * along.w + radius * around.w + grain * shift.w;
    float wave = sin(6.2832 * line);
    vec3 third = cross(along.xyz, around.xyz);
    float checks = sin(6.2832 * dot(around.xyz, p) * along.w) * sin(6.2832 * dot(third, p) * along.w);
    wave *= mix(1.0, sign(checks), shape.z);
    float blur = footprint * (abs(along.w) + abs(around.w) + 16.0 * shape.x * abs(shift.w));
    float share = smoothstep(-1.0, 1.0, (wave - shape.w) / (shape.y + 4.0 * blur));
    return mix(share, 0.5, smoothstep(0.25, 0.6, blur));
}

float sunlit(vec3 p, vec3 normal) {
    vec3 at = (to_shadow * vec4(p + normal * 0.012, 1.0)).xyz * 0.5 + 0.5;
    vec2 texel = shadow_spread / vec2(textureSize(shadow, 0));
    float light = 0.0;
    for (int i = 0; i < 5; i++) {
        vec2 to = vec2(i == 1 ? 1 : i == 2 ? -1 : 0, i == 3 ? 1 : i == 4 ? -1 : 0) * texel;
        light += texture(shadow, vec3(at.xy + to, at.z - 0.003));
    }
    return light / 5.0;
}

// GGX with Smith's visibility (Schlick-GGX) and Schlick's Fresnel.
vec3 highlight(vec3 n, vec3 v, vec3 l, float rough, vec3 f0) {
    vec3 h = normalize(v + l);
    float nh = max(dot(n, h), 0.0), nv = max(dot(n, v), 0.02), nl = max(dot(n, l), 0.0);
    float a = rough * rough, a2 = a * a;
    float d = nh * nh * (a2 - 1.0) + 1.0;
    float k = a * 0.5;
    float shape = a2 / (3.1416 * d * d) / (4.0 * (nv * (1.0 - k) + k) * (nl * (1.0 - k) + k));
    float grazing = 1.0 - max(dot(v, h), 0.0);
    float g2 = grazing * grazing;
    return (f0 + (1.0 - f0) * g2 * g2 * grazing) * min(shape, 12.0);
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 seen = texelFetch(albedos, pixel, 0);
    vec3 normal = normalize(texelFetch(normals, pixel, 0).xyz * 2.0 - 1.0);
    float depth = texelFetch(depths, pixel, 0).r;
    vec2 plane = gl_FragCoord.xy / window.w * 2.0 - 1.0;
    vec3 ray = axes * vec3(window.xy + vec2(plane.x, -plane.y) * window.z, 1.0);
    vec3 place = eye + ray * depth;
    vec3 view = -normalize(ray);
    vec3 flat_normal = normal;
    int m = min(int(seen.a * 255.0 + 0.5), MATERIALS - 1) * ROWS;
    vec4 speckle = texture(noise, place * 1.9 + materials[m + 4].yzx);
    vec4 look = materials[m + 1]; // colour B, roughness

    float footprint = 2.0 * window.z / window.w * depth / max(dot(normal, view), 0.25);
    vec3 painted = mix(materials[m].rgb, look.rgb, pattern(place, m, footprint));
    vec3 albedo = to_linear(mix(painted, seen.rgb, materials[m].a));
    vec4 finish = materials[m + 6]; // metallic, reflectance, bump, speckle
    albedo *= 1.0 + finish.w * (speckle.a - 0.5) * 2.0;
    normal = normalize(normal + finish.z * (speckle.rgb - 0.5));
    float rough = clamp(look.a + finish.w * 0.3 * (speckle.b - 0.5), 0.05, 1.0);
    vec3 f0 = mix(vec3(finish.y), albedo, finish.x);
    vec3 diffuse = albedo * (1.0 - finish.x);

    float open = mix(1.0, texture(occlusion, gl_FragCoord.xy / window.w).r, exposure.y);
    float up = 0.5 + 0.5 * dot(normal, environment[0].xyz);
    vec3 sky = mix(environment[2].rgb, environment[1].rgb, up) + 0.3 * environment[3].rgb;
    vec3 light = diffuse * sky * open;
    float facing = max(dot(normal, view), 0.0);
    vec3 fresnel = f0 + (max(vec3(1.0 - rough), f0) - f0) * pow(1.0 - facing, 5.0);
    light += fresnel * environment_toward(reflect(-view, normal), rough) * open;
    for (int i = 0; i < LIGHTS; i++) {
        vec3 toward = lights[2 * i].xyz, strength = lights[2 * i + 1].rgb;
        float lambert = max(dot(normal, toward), 0.0);
        float reached = i == 0 ? sunlit(place, flat_normal) : mix(1.0, open, 0.7);
        light += (diffuse + highlight(normal, view, toward, rough, f0)) * strength * lambert * reached;
    }
    light *= exposure.x;
    light = light * (1.0 + light * 0.03) / (1.0 + light * 0.42); // highlights roll off
    picture = vec4(pow(clamp(light, 0.0, 1.0), vec3(1.0 / 2.2)), 1.0);
}
