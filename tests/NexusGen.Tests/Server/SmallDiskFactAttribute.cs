namespace NexusGen.Tests.Server;

/// <summary>A test that needs a small disk of its own, which only root can mount. Elsewhere it is skipped.</summary>
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.WhyNot;
}
