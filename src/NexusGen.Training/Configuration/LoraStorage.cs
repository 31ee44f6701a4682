namespace NexusGen.Training.Configuration;

/// <summary>How the frozen linear weights under a LoRA are kept in memory.</summary>
internal enum LoraStorage
{
    /// <summary>In the training's precision.</summary>
    Dense,

    /// <summary>In bfloat16.</summary>
    Bf16,

    /// <summary>In 8 bits.</summary>
    Fp8,
}
