namespace NexusGen.Worlds.Scenes;

/// <summary>The parts that scenes are divided into. See <see cref="Splits"/>.</summary>
public enum WorldSplit
{
    /// <summary>To learn from: neither a test scene nor, in what is drawn, a held-out pair of colour and shape.</summary>
    Train,

    /// <summary>To choose by while training.</summary>
    Validation,

    /// <summary>To report: scenes that training never shows. What is drawn holds no held-out pair.</summary>
    Test,

    /// <summary>To report apart: test scenes in which what is drawn holds a held-out pair of colour and shape.</summary>
    Composition,
}
