namespace NexusGen.Training.Configuration;

/// <summary>What is divided among the ranks of a training, so that each one needs less memory.</summary>
internal enum Shard
{
    /// <summary>Every rank has everything.</summary>
    None,

    /// <summary>Moments, float32 master weights and the moving average are divided (ZeRO 1).</summary>
    Optimizer,
}
