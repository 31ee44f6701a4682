namespace NexusGen.Training.Configuration;

/// <summary>How the frozen linear weights under a LoRA are kept in memory.</summary>
internal enum LoraStorage
{
    /// <summary>In the training's precision.</summary>
    Dense,

    /// <summary>In bfloat16.</summary>
    Bf16,

    /// <summary>In 8-bit floating point.</summary>
    Fp8,

    /// <summary>In signed bytes with a scale for each row.</summary>
    Int8,

    /// <summary>In blocks of 4.5 bits a weight.</summary>
    Int4,

    /// <summary>In the blocks of the file (GGUF).</summary>
    Stored,
}
