namespace NexusGen.Engine;

/// <summary>
/// A part of the model that is loaded and unloaded as one: the language model, the vision encoder, a decoder, a half of the
/// autoencoder. Jobs lease it, see <see cref="ComponentCache"/>.
/// </summary>
/// <typeparam name="T">The type of the loaded component.</typeparam>
/// <param name="name">The name, for progress reports and messages.</param>
/// <param name="measure">Returns the size in bytes when the component is fully loaded.</param>
/// <param name="load">
/// Loads the component within a number of bytes, long.MaxValue for no limit. Called on the thread pool.
/// </param>
internal sealed class Component<T>(string name, Func<long> measure, Func<long, T> load) : Component(name, measure)
    where T : class, IDisposable
{
    internal T Value => (T)Loaded!;

    internal override IDisposable Load(long budget) => load(budget);
}
