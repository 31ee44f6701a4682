namespace NexusGen.Core;

/// <summary>The floating-point type of weights and activations.</summary>
public enum Precision
{
    /// <summary>
    /// The precision that the model's nexus-gen.json names, or bfloat16, the official precision, if it names none. On a CPU
    /// without fast bfloat16 (AVX-512), weights are kept in bfloat16 and computed with in float32.
    /// </summary>
    Automatic,

    /// <summary>32-bit floating point; matches the reference implementation.</summary>
    Float32,

    /// <summary>16-bit floating point with the exponent range of float32; the official precision.</summary>
    BFloat16,

    /// <summary>16-bit IEEE floating point, for devices without bfloat16. Slow on a CPU.</summary>
    Float16,
}
