namespace NexusGen.Engine;

/// <summary>
/// A part of the model that is loaded and let go as a whole: the language model with its eye, a decoder's transformer, the
/// autoencoder. Jobs take a lease on it; see <see cref="ComponentCache"/>.
/// </summary>
/// <typeparam name="T">What is loaded.</typeparam>
/// <param name="name">Its name, for progress and messages.</param>
/// <param name="measure">Its size in bytes when wholly loaded.</param>
/// <param name="load">Loads it within a number of bytes; long.MaxValue for no bound. Called on a thread of the pool.</param>
internal sealed class Component<T>(string name, Func<long> measure, Func<long, T> load) : Component(name, measure)
    where T : class, IDisposable
{
    internal T Value => (T)Loaded!;

    internal override IDisposable Load(long budget) => load(budget);
}
