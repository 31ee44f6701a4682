namespace NexusGen.Weights.Files.Pickle;

/// <summary>What a name that a pickle may use stands for.</summary>
internal enum PickleGlobalKind
{
    /// <summary>An empty ordered dictionary is made.</summary>
    OrderedDictionary,

    /// <summary>A tuple of sides.</summary>
    Size,

    /// <summary>A tensor over a typed storage.</summary>
    Tensor,

    /// <summary>A tensor over a storage of bytes, with its type.</summary>
    TypedTensor,

    /// <summary>A tensor that is a parameter.</summary>
    Parameter,

    /// <summary>The type of a storage.</summary>
    Storage,

    /// <summary>The type of a tensor's elements.</summary>
    ElementType,
}
