namespace NexusGen.Weights;

/// <summary>A <see cref="BlockList{T}"/> whatever its blocks are.</summary>
internal interface IBlockList;
