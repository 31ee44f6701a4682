namespace NexusGen.Core;

/// <summary>The floating-point type of weights and activations.</summary>
public enum Precision
{
    /// <summary>What the model's nexus-gen.json says; bfloat16, as officially, where it says nothing.</summary>
    Automatic,

    /// <summary>32 bits: exact against the reference.</summary>
    Float32,

    /// <summary>16 bits with the range of 32: the official type.</summary>
    BFloat16,

    /// <summary>16 bits, IEEE; for devices without bfloat16. Slow on a CPU.</summary>
    Float16,
}
