namespace NexusGen.Lora;

/// <summary>What a tensor of a LoRA file is for its module.</summary>
internal enum LoraRole
{
    /// <summary>The first half of the product, [rank, in].</summary>
    Down,

    /// <summary>The second half of the product, [out, rank].</summary>
    Up,

    /// <summary>What is added to the bias along with the product, [out].</summary>
    UpBias,

    /// <summary>α; the scale is α divided by the rank.</summary>
    Alpha,

    /// <summary>The magnitudes of DoRA in the files of kohya's tools, [1, in].</summary>
    ColumnMagnitude,

    /// <summary>The magnitudes of DoRA in PEFT's files, [out].</summary>
    RowMagnitude,

    /// <summary>A full matrix that is added to the weight.</summary>
    Difference,

    /// <summary>What is added to the bias.</summary>
    BiasDifference,

    /// <summary>A weight that replaces the model's.</summary>
    Weight,

    /// <summary>A bias that replaces the model's.</summary>
    Bias,
}
